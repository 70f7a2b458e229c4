// attack: decodes and fills buffers that shrink, are detached or lie about their length in mid-call
// expect: ok
// uses: probe
const caught = [];
const take = (make) => { try { caught.push(make()); } catch (error) { caught.push(error); } };
const shrinking = () => { const buffer = new ArrayBuffer(64, { maxByteLength: 64 }); const view = new Uint8Array(buffer); Object.defineProperty(view, 'length', { get() { buffer.resize(1); return 1e9; } }); Object.defineProperty(view, 'byteLength', { get() { buffer.resize(0); return 1e9; } }); return view; };
const detached = () => { const view = new Uint8Array(8); structuredClone(view.buffer, { transfer: [view.buffer] }); view.buffer.transfer?.(); return view; };
class Liar extends Uint8Array { get length() { return 2 ** 53; } get byteLength() { return -1; } get buffer() { return { byteLength: 1e9 }; } static get [Symbol.species]() { return Proxy; } }
for (const make of [shrinking, detached, () => new Liar(4), () => new Proxy(new Uint8Array(4), {}), () => new DataView(new ArrayBuffer(4)), () => ({ length: 1e9, __proto__: Uint8Array.prototype })]) {
  take(() => new TextDecoder().decode(make()));
  take(() => new TextDecoder().decode(make(), { get stream() { throw new Error('stream'); } }));
  take(() => new TextEncoder().encodeInto('abc', make()));
  take(() => crypto.getRandomValues(make()));
  take(() => structuredClone(make()));
}
for (const it of caught) contained(it);
'contained';
