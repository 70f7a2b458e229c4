// attack: looks at the this and the key that toJSON is given
// expect: ok
// uses: probe
const seen = [];
const bait = { toJSON(...args) { seen.push(this, ...args); return 1; } };
(async () => { await echo(bait, [bait], { a: bait }); for (const part of seen) contained(part); return seen.length > 0 ? 'contained' : 'not called'; })();
