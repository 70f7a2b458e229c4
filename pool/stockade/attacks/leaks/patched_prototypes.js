// attack: leaves patched prototypes behind
// expect: ok
Array.prototype.map = () => 'patched';
Object.prototype.leak = 'secret';
Function.prototype.call = () => 'patched';
JSON.stringify = () => '"patched"';
'contained';
// then: "contained"
[1].map((x) => x)[0] === 1 && ({}).leak === undefined && JSON.stringify([1]) === '[1]' ? 'contained' : 'ESCAPED';
