// attack: throws at Node when it asks a rejected promise for its numbers, in the midst of what the host does
// expect: exception
const rejected = Promise.reject(1);
Object.setPrototypeOf(rejected, new Proxy(Promise.prototype, { get: (owner, key) => { if (typeof key === 'symbol') throw new Error('ESCAPED'); return owner[key]; } }));
await null;
// then: 2
1 + 1
