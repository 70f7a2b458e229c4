// attack: keeps functions, each of which keeps an array
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
const kept = [];
for (;;) { const held = new Array(1000).fill(kept.length); kept.push(() => held); }
