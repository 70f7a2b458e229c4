// attack: keeps large BigInts
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
const kept = [];
for (let n = 2n ** 1000000n; ; n += 1n) kept.push(n);
