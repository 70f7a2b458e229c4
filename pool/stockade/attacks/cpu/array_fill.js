// attack: fills an array of 2^32-1 places
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
Array(2 ** 32 - 1).fill(0);
