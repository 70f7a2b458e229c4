// attack: looks for memory that two threads may share, and a clock made of it
// expect: ok
const found = [];
for (const name of ['SharedArrayBuffer', 'Atomics']) if (name in globalThis) found.push(name);
const tags = Reflect.ownKeys(Object.getPrototypeOf(Uint8Array)).map(String);
try { new ArrayBuffer(8, { maxByteLength: 16, shared: true }).growable && found.push('growable'); } catch { /* refused */ }
found.length === 0 && tags.length > 0 ? 'contained' : `ESCAPED: ${found}`;
