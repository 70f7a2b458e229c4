// attack: answers every conversion of a value with a look at the host
// expect: ok
// uses: probe
const seen = [];
const bait = { [Symbol.toPrimitive](...args) { seen.push(this, ...args); return 1; }, get [Symbol.toStringTag]() { seen.push(this); return 'x'; } };
setTimeout(() => {}, bait); clearTimeout(bait); console.log('%d %i %f %s', bait, bait, bait, bait);
for (const part of seen) contained(part);
'contained';
