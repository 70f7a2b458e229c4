// attack: a value that is small as text and large as Python objects, taken and dropped
// expect: ok
// value: anything
// layer: supervisor
// limits: memory_limit_mb=256
const lists = Array.from({ length: 3e5 }, () => []);
lists;
