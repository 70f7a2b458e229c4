// attack: takes a binding for a host function and climbs from it
// expect: ok
// uses: probe
let got;
try { got = echo.constructor('return typeof process')(); } catch { /* refused */ }
if (got === 'object') throw new Error('ESCAPED: by the constructor of a binding');
[echo, echo(1), console, console.log, setTimeout, clearTimeout].map(contained).every((word) => word === 'contained') ? 'contained' : 'ESCAPED';
