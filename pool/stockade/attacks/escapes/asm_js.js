// attack: writes asm.js, which V8 hands to its WebAssembly compiler
// expect: ok
function module(stdlib, foreign, heap) { 'use asm'; function add(a, b) { a = a | 0; b = b | 0; return (a + b) | 0; } return { add: add }; }
const made = module(globalThis, {}, new ArrayBuffer(65536));
made.add(1, 2) === 3 && !(made.add.constructor === undefined) ? 'contained' : 'wrong';
