// attack: keeps typed arrays, which lie outside of the heap
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
const kept = [];
for (;;) kept.push(new Uint8Array(1024 * 1024).fill(1));
