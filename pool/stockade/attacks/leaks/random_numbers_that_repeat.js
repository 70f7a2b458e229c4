// attack: looks for the random numbers of the run before: same seed, same state
// expect: ok
globalThis.mark = [crypto.randomUUID(), Math.random()];
mark[0] === crypto.randomUUID() ? 'ESCAPED: a number came twice' : 'contained';
// then: "contained"
typeof mark === 'undefined' && crypto.randomUUID() !== crypto.randomUUID() ? 'contained' : 'ESCAPED';
