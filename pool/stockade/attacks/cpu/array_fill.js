// attack: fills an array of 2^32-1 places
// expect: timeout, memory_limit, exception
// layer: clock
// limits: timeout_seconds=0.4
Array(2 ** 32 - 1).fill(0);
