// attack: grows a buffer in place
// expect: memory_limit, exception
// because: V8 says of a resize the kernel refused what it says of one that is too large, so only a crash tells them apart
// layer: memory
// limits: timeout_seconds=60
const buffer = new ArrayBuffer(1024, { maxByteLength: 2 ** 30 });
for (let size = 1024; ; size *= 2) { buffer.resize(size); new Uint8Array(buffer).fill(1); }
