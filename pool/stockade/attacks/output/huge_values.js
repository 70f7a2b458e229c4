// attack: logs values that are large in every direction
// expect: ok
// layer: worker
console.log(new Array(1e5).fill('x'), { ['k'.repeat(1e6)]: 'v'.repeat(1e6) }, new Map(new Array(10000).fill(0).map((_, i) => [i, i])), Symbol('s'.repeat(1e6)), 10n ** 10000n);
'contained';
