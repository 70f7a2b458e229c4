// attack: fills a Set with texts
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
const set = new Set();
for (let i = 0; ; i += 1) set.add(`text number ${i}`);
