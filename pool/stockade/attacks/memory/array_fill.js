// attack: fills one array beyond what the heap holds
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
new Array(2 ** 27 - 1).fill(1.5).map((x) => ({ x }));
