// attack: keeps async functions that wait
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
const kept = [];
const wait = async (n) => { const held = new Array(100).fill(n); await new Promise(() => {}); return held; };
for (;;) kept.push(wait(kept.length));
