// attack: compiles WebAssembly
// expect: ok
let got;
try { got = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); } catch { /* refused */ }
got === undefined ? 'contained' : 'ESCAPED: a module was compiled';
