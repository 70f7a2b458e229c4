// attack: raises a BigInt to a power that takes minutes
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
let n = 3n ** 100000n;
for (;;) n = (n * n) % (7n ** 200000n);
