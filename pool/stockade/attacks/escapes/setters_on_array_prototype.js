// attack: waits with setters on the indices of arrays for the bridge's own lists
// expect: ok
let caught = 0;
for (let i = 0; i < 50; i += 1) Object.defineProperty(Array.prototype, i, { configurable: true, get: () => undefined, set() { caught += 1; } });
(async () => { console.log({ a: 1, b: { c: 2 } }, new Map([['a', 1]]), new Set('ab')); await echo({ a: 1 }, new Map([['k', { v: 1 }]]), new Set([1, 2])); try { await fails({}); } catch { /* on purpose */ } return caught === 0 ? 'contained' : `ESCAPED: ${caught} writes of the bridge were seen`; })();
