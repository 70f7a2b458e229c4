// attack: keeps promises that wait for each other
// expect: memory_limit, timeout
// layer: memory
// limits: timeout_seconds=1.5
let last = Promise.resolve();
for (;;) last = last.then(() => [last]);
