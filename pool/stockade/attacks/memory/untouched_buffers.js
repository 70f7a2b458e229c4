// attack: reserves buffers without touching them, so that they are not resident
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
const kept = [];
for (;;) kept.push(new ArrayBuffer(8 * 1024 * 1024));
