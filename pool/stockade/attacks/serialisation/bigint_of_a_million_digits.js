// attack: returns a BigInt whose decimal text takes long to make
// expect: result_limit
// layer: worker
// limits: timeout_seconds=60
7n ** 4000000n;
