// attack: normalises a text that grows
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
let text = '\ufdfa'.repeat(20000);
for (;;) text = text.normalize('NFKD').slice(0, 400000);
