// attack: a message of nothing but line ends, which each reader wants to indent
// expect: exception
// layer: worker
throw new Error('\n'.repeat(1e6));
