// attack: repeats %s with an argument that is long
// expect: ok
// layer: worker
// limits: memory_limit_mb=256
const long = 'x'.repeat(1e6);
console.log('%s'.repeat(50), ...new Array(50).fill(long));
'contained';
