// attack: logs values that are large in every direction
// expect: ok, memory_limit
// layer: worker
console.log(new Array(1e6).fill('x'), new Uint8Array(1e7), { ['k'.repeat(1e6)]: 'v'.repeat(1e6) }, new Map(new Array(10000).fill(0).map((_, i) => [i, i])), Symbol('s'.repeat(1e6)), 10n ** 10000n);
'contained';
