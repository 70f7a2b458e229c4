// attack: puts a class of its own in the place of Promise
// expect: ok
// uses: probe
const seen = [];
const Original = Promise;
globalThis.Promise = class extends Original { constructor(executor) { super((...args) => { seen.push(...args); executor(...args); }); } };
(async () => { const promise = echo(1); seen.push(promise); await promise; for (const part of seen) contained(part); return 'contained'; })();
