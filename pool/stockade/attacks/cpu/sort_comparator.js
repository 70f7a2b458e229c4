// attack: compares for ever
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
[3, 2, 1].sort(() => { for (;;); });
