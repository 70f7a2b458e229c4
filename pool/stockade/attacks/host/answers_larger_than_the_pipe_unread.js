// attack: asks for answers that fill every pipe, and computes instead of reading them
// expect: timeout
// layer: clock
// limits: timeout_seconds=1
const big = 'x'.repeat(1e5);
for (let i = 0; i < 20; i += 1) echo(big);
for (;;);
