// attack: gives Node numbers for a rejected promise that are others each time, so that it finds its own stack of them corrupted
// expect: exception
let last = 0;
const rejected = Promise.reject(1);
Object.setPrototypeOf(rejected, new Proxy(Promise.prototype, { get: (owner, key) => (typeof key === 'symbol' ? { valueOf: () => (last += 1) } : owner[key]) }));
await null;
// then: 2
1 + 1
