// attack: waits for a moment by looking at the clock
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
const end = Date.now() + 60000;
while (Date.now() < end) { /* busy */ }
