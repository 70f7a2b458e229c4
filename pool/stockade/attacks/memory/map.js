// attack: fills a Map
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
const map = new Map();
for (let i = 0; ; i += 1) map.set(i, { i });
