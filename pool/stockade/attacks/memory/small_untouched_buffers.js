// attack: reserves very many small buffers
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
const kept = [];
for (;;) kept.push(new ArrayBuffer(4096));
