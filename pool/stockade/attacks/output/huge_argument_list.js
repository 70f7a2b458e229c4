// attack: logs a million arguments
// expect: ok
// layer: worker
console.log(...new Array(100000).fill('x'));
'contained';
