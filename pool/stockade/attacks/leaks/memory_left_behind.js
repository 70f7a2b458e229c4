// attack: leaves as much memory behind as it may have, so that the next run has none
// expect: ok
globalThis.kept = [];
for (let i = 0; i < 20; i += 1) kept.push(new Uint8Array(1024 * 1024).fill(i));
'contained';
// then: "contained"
const mine = [];
for (let i = 0; i < 30; i += 1) mine.push(new Uint8Array(1024 * 1024).fill(i));
mine.length === 30 ? 'contained' : 'wrong';
