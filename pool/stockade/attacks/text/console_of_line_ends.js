// attack: console lines of nothing but line ends, as long as a line may be
// expect: output_limit
// layer: supervisor
for (;;) console.log('\n'.repeat(60000));
