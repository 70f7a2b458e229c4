// attack: climbs from the global object to a Function constructor of the host
// expect: ok
let got;
try { got = this.constructor.constructor('return typeof process')(); } catch { /* refused */ }
got === undefined || got === 'undefined' ? 'contained' : `ESCAPED: ${got}`;
