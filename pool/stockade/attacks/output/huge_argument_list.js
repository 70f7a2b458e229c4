// attack: logs a million arguments
// expect: ok, exception, output_limit, memory_limit
// layer: worker
console.log(...new Array(100000).fill('x'));
'contained';
