// attack: returns a typed array over the limit
// expect: result_limit
// layer: worker
new Uint8Array(3 * 1024 * 1024).fill(255);
