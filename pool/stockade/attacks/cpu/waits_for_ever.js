// attack: waits for a binding that never answers
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
never();
