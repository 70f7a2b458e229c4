// attack: has the newest functions of errors look at objects that are none
// expect: ok
// uses: probe
const caught = [];
const odd = [{}, new Proxy(new Error('x'), { get() { throw new Error('trap'); } }), Object.create(Error.prototype), globalThis, () => {}, new Proxy({}, { defineProperty() { throw new Error('define'); } }), Object.freeze({}), new Error('x')];
for (const it of odd) for (const act of [() => Error.isError?.(it), () => Error.captureStackTrace(it), () => Error.captureStackTrace(it, it), () => it.stack, () => Reflect.apply(Reflect.getOwnPropertyDescriptor(it, 'stack')?.get ?? String, odd[2], []), () => Reflect.apply(Reflect.getOwnPropertyDescriptor(it, 'stack')?.set ?? String, globalThis, ['x'])]) {
  try { caught.push(act()); } catch (error) { caught.push(error); }
}
delete globalThis.stack;
for (const it of caught) { contained(it); if (typeof it === 'string' && /node:|file:|\/[\w.-]+\/[\w.-]+\//.test(it)) throw new Error(`ESCAPED: ${it}`); }
'contained';
