// attack: matches with a pattern that backtracks for ever
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
/^(a+)+$/.test(`${'a'.repeat(40)}b`);
