// attack: loops in the toJSON of the value
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
({ toJSON() { for (;;); } });
