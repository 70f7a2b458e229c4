// attack: replaces all that can be called of every built-in by a spy, and has the bridge do everything it does for a script
// expect: ok
// uses: probe
const { log, ...others } = console;
const { setTimeout: later, setInterval: often, clearTimeout: clear, queueMicrotask: soon } = globalThis;
const map = new Map([[1, { a: 2 }]]);
const long = 'x'.repeat(500);
const circle = {};
circle.self = circle;
class Own { #x = 1; y = 2; get z() { return this.#x; } }
const shown = [
  { a: [1, , 'x\ud800'], [Symbol.iterator]: 1, __proto__: { b: 1 } }, new Error('x', { cause: [1] }), new AggregateError([1], 'm'), new Date(0), /x/gi, 10n,
  Symbol('s'), -0, map, new Set([[1]]), new WeakMap(), new WeakSet(), new Uint8Array(3), new DataView(new ArrayBuffer(2)), new ArrayBuffer(60),
  Promise.resolve(1), Object(1), Object('s'), Object(true), Object(1n), Object(Symbol('s')), (function () { return arguments; })(1), class A extends Map {}, async () => {},
  new Own(), Object.create(null), 'a\nlong text\n'.repeat(8), `\ud800${'x'.repeat(65_600)}`, Array(200).fill(1), Array(20).fill('abc'), [[[[1]]]], { get a() { return 1; } }, circle,
  ['\'"`${'], { e: new Error('in') }, Object.create(Error.prototype), { __proto__: { [Symbol.toStringTag]: 'T' } },
];
const given = [['a', { b: [1] }], [[{ a: 1, b: 'x' }, { a: 2 }], ['a']], [map], [new Set([1])], [new Uint8Array(1)], []];
const crossing = [
  { a: [1, 'x', null, true, undefined] }, map, new Map([['a', 1]]), new Set([1]), new Uint8Array(2), new ArrayBuffer(2), Object(1), Object('s'), Object(true),
  Object(1n), 2n, new Error('e'), new Own(), 'a\ud800', '\\ud', [[]], { toJSON: () => 1 }, Symbol('s'), circle, { [long]: { [long]: Symbol('s') } },
];
const { now } = performance;
const { apply, defineProperty } = Reflect;
const { arm, watched } = spied();
const answered = async (call) => {
  const asked = watched(call);
  arm(true);
  try { await asked; } catch {}
  arm(false);
};
const work = async () => {
  for (let i = 0; i < shown.length; i += 1) {
    const one = shown[i];
    watched(() => log(one));
    watched(() => log('%s %d %i %f %o %O %c%%', one, one, one, one, one, one));
  }
  watched(() => log('%j', { a: [1, 'x', null, { b: true }] }));
  for (const name in others) {
    const method = others[name];
    if (typeof method !== 'function') continue;
    for (let i = 0; i < given.length; i += 1) watched(() => apply(method, console, given[i]));
  }
  watched(() => log('a\nb'));
  for (let i = 0; i < 3; i += 1) others.groupEnd();
  for (let i = 0; i < crossing.length; i += 1) await answered(() => echo(crossing[i]));
  // Once there are proxies, or indices on the prototype of all objects, values are written part by part.
  for (let i = 0; i < 3; i += 1) defineProperty(Object.prototype, i, { configurable: true, get: () => undefined, set: () => log(`ESCAPED: a setter of ${i} was called`) });
  const proxy = new Proxy(function () {}, { apply: () => 1, construct: () => ({}) });
  watched(() => proxy(1));
  watched(() => new proxy(1));
  watched(() => log(proxy));
  for (let i = 0; i < crossing.length; i += 1) await answered(() => echo(crossing[i]));
  watched(() => new Error('x', { cause: 1 }).stack);
  watched(() => now());
  // The last of them are rejected where they are awaited.
  for (let i = 0; i < 10; i += 1) await answered(() => (i % 2 === 0 ? fails(i) : echo({ i })));
  let done;
  const end = new Promise((resolve) => { done = resolve; });
  watched(() => clear(later(() => {}, 1)));
  watched(() => later(() => {}, 1).unref().ref().hasRef());
  let ticks = 0;
  const again = watched(() => often(() => { ticks += 1; if (ticks > 1) clear(again); }, 1));
  watched(() => soon(() => {}));
  watched(() => later((value) => done(value), 5, 1));
  arm(true);
  await end;
  return 'contained';
};
// The value goes every way there is: a function that is called, whose promise is awaited.
module.exports = work;
