// attack: fills a Set with texts
// expect: memory_limit, exception, timeout
// layer: memory
// limits: timeout_seconds=1.5
const set = new Set();
for (let i = 0; ; i += 1) set.add(`text number ${i}`);
