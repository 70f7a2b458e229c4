// attack: keeps long texts
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
const kept = [];
for (let i = 0; ; i += 1) kept.push('x'.repeat(1024 * 1024) + i, kept.join('').slice(0, 10));
