// attack: sets timers and makes calls with numbers at the ends of what numbers can be
// expect: ok
// layer: supervisor
const odd = [2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e308, -1e308, 5e-324, NaN, Infinity, -Infinity, -0, '1e400', 10n, {}, [], null, undefined, true];
for (const delay of odd) { try { clearTimeout(setTimeout(() => {}, delay)); clearInterval(setInterval(() => {}, delay)); } catch { /* refused */ } }
for (const number of odd) { try { clearTimeout(number); await echo(number); } catch { /* refused */ } }
'contained';
