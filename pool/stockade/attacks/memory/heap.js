// attack: keeps objects until the heap is full
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
const kept = [];
for (;;) kept.push({ a: kept.length, b: [kept.length] });
