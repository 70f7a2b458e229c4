// attack: gives an object the hooks that Node's own inspector calls with its tools
// expect: ok
const called = [];
const bait = {};
for (const name of ['nodejs.util.inspect.custom', 'nodejs.util.promisify.custom', 'nodejs.rejection', 'nodejs.dispose']) bait[Symbol.for(name)] = (...args) => { called.push(name, ...args); return 'x'; };
bait.inspect = (...args) => { called.push('inspect', ...args); };
console.log(bait, [bait], '%o %O', bait);
Promise.reject(bait).catch(() => {});
called.length === 0 ? 'contained' : `ESCAPED: ${called[0]} was called`;
