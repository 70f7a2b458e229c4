// attack: keeps promises that wait for each other
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
let last = Promise.resolve();
for (;;) last = last.then(() => [last]);
