// attack: has a timer send something else than a delay
// expect: ok
// value: 5
Array.prototype.toJSON = () => ({ forged: true });
setTimeout(() => {}, 1);
5;
