// attack: leaves globals, and a lock on the global object
// expect: ok
globalThis.secret = 'secret';
var alsoSecret = 'secret';
Object.freeze(globalThis.Math);
try { Object.preventExtensions(globalThis); } catch { /* refused */ }
'contained';
// then: "contained"
globalThis.fresh = 1;
typeof secret === 'undefined' && typeof alsoSecret === 'undefined' && fresh === 1 ? 'contained' : 'ESCAPED';
