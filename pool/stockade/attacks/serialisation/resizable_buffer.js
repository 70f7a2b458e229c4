// attack: returns views on a buffer that shrinks while they are written
// expect: ok
// value: {"a":[0,0,0,0],"b":1,"c":[]}
const buffer = new ArrayBuffer(4, { maxByteLength: 1024 });
const view = new Uint8Array(buffer);
({ a: view, get b() { buffer.resize(0); return 1; }, c: view });
