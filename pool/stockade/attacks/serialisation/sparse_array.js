// attack: returns an array of 2^32-1 holes, which takes no memory until it is written
// expect: result_limit
// layer: worker
// limits: timeout_seconds=60
const list = [];
list.length = 2 ** 32 - 1;
list;
