// attack: keeps compiled regular expressions
// expect: memory_limit, timeout
// because: V8 throws compiled expressions away under pressure, and then it is time that runs out
// layer: memory
// limits: timeout_seconds=3
const kept = [];
for (let i = 0; ; i += 1) { const made = new RegExp(`${'(a|b)'.repeat(500)}${i}`); made.test('a'.repeat(600)); kept.push(made); }
