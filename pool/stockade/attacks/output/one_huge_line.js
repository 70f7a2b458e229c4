// attack: logs one line larger than all output may be
// expect: ok
// layer: worker
console.log('x'.repeat(16 * 1024 * 1024));
'contained';
