// attack: makes a small text into a large value
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
const text = `[${'[[[[]]]],'.repeat(20000)}0]`;
const kept = [];
for (;;) kept.push(JSON.parse(text));
