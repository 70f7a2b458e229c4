// attack: writes calls and console lines in turn, in as many bytes as it may, without waiting for any
// expect: ok
// layer: supervisor
const big = 'x'.repeat(3000);
for (let i = 0; i < 60; i += 1) { echo(big); console.log(big); }
await Promise.all(Array.from({ length: 3 }, () => echo(1)));
'contained';
