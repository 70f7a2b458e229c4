// attack: clones what cannot be cloned, what changes while it is cloned, and what runs code then
// expect: ok
// uses: probe
const caught = [];
const grow = { get a() { this[`k${Math.random()}`] = 1; return 1; } };
const ring = []; ring.push(ring, new Map([[ring, ring]]), new Set([ring]));
const deep = () => { let it = []; for (let i = 0; i < 1e5; i += 1) it = [it]; return it; };
const map = new Map([[1, { get x() { map.set({}, 1); return 1; } }]]);
for (const make of [() => grow, () => ring, deep, () => map, () => new Error('x', { cause: ring }), () => Object.assign(new RangeError('x'), { name: { toString: () => 'TypeError' } }), () => new Date(NaN), () => /x/gu, () => Object(1n), () => Object(Symbol()), () => new (class X { #a = 1; })(), () => globalThis, () => Error, () => arguments, () => new WeakMap(), () => Promise.resolve(), () => (function* () {})(), () => ({ toJSON() { throw 1; }, then(f) { f(1); } })]) {
  try { caught.push(structuredClone(make())); } catch (error) { caught.push(error); }
}
for (const it of caught) contained(it);
'contained';
