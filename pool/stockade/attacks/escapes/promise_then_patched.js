// attack: replaces then, to be handed what the bridge waits with
// expect: ok
// uses: probe
const seen = [];
const original = Promise.prototype.then;
Promise.prototype.then = function (...args) { seen.push(this, ...args); return original.apply(this, args); };
const result = (async () => { await echo(1); await 0; for (const part of seen) contained(part); return 'contained'; })();
result;
