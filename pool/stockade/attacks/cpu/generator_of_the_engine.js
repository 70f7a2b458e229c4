// attack: lets a helper of iterators drop items for ever
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
function* endless() { for (;;) yield 1; }
endless().drop(2 ** 53 - 1).next();
