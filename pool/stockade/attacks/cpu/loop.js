// attack: loops for ever
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
while (true) { /* for ever */ }
