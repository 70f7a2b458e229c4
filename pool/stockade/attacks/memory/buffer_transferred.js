// attack: moves a buffer into ever larger ones
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
let buffer = new ArrayBuffer(1024);
for (let size = 1024; ; size *= 2) { buffer = buffer.transfer(size); new Uint8Array(buffer).fill(1); }
