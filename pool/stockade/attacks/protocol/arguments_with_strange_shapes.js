// attack: passes every kind of value that JSON does not have to a binding
// expect: ok
(async () => {
  const shapes = [undefined, () => {}, Symbol('x'), 1n, NaN, new Proxy([], {}), new Date(NaN), Object.create(null), [,], new WeakMap(), new Error('x'), globalThis.console, Promise.resolve(1), echo];
  for (const shape of shapes) { try { await echo(shape); await echo([shape]); } catch (error) { if (!(error instanceof TypeError)) return String(error); } }
  return 'contained';
})();
