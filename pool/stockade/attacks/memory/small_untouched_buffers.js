// attack: reserves very many small buffers
// expect: memory_limit, timeout
// layer: memory
// limits: timeout_seconds=1.5
const kept = [];
for (;;) kept.push(new ArrayBuffer(4096));
