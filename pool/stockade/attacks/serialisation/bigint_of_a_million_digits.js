// attack: returns a BigInt whose decimal text takes long to make
// expect: result_limit, memory_limit, timeout
// layer: worker
// limits: timeout_seconds=0.5
7n ** 4000000n;
