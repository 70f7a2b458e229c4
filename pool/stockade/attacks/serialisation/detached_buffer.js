// attack: returns a buffer that was transferred away
// expect: unserializable
const buffer = new ArrayBuffer(8);
const view = new Uint8Array(buffer);
buffer.transfer();
({ a: buffer, b: view });
