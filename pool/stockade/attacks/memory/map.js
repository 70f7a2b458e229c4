// attack: fills a Map
// expect: memory_limit, exception, timeout
// layer: memory
// limits: timeout_seconds=1.5
const map = new Map();
for (let i = 0; ; i += 1) map.set(i, { i });
