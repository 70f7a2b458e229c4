// What a script gives to all objects, or puts in the way of what the bridge writes, changes nothing of what is said.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { CAPS, run, startWorker } from './worker.mjs';

/** @type {ReturnType<typeof startWorker>} */
let worker;
before(async () => {
  worker = startWorker('context');
  await worker.line();
});
after(() => worker.close());

/** Answers the one call of a script, and gives its ending. @param {string} script @param {object} reply */
const answered = async (script, reply) => {
  worker.write({ type: 'execute', script, bindings: ['f'], console: true, caps: CAPS });
  const { call } = await worker.message();
  worker.write({ ...reply, call });
  return worker.message();
};

/** @param {string} home @param {string | number} key */
const setter = (home, key) =>
  `Object.defineProperty(${home}.prototype, '${key}', { set() { throw new Error('set ${key}') } });`;

test('a key that all objects inherit is written as any other, however many came before', async () => {
  const few = '[new Date(0), { toString: 1, constructor: 2 }]';
  assert.deepEqual((await run(worker, few)).ending.value, [new Date(0).toJSON(), { toString: 1, constructor: 2 }]);
  const many = "const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`k${i}`, 0]));";
  const { value } = (await run(worker, `${many} [new Date(0), many, ${few}]`)).ending;
  assert.deepEqual(value[2], [new Date(0).toJSON(), { toString: 1, constructor: 2 }]);
});

test('a Map and a Set are written whole where indices of all objects have setters', async () => {
  const { ending } = await run(worker, `${setter('Object', 0)} [new Set([5]), new Map([[6, 7]])]`);
  assert.deepEqual(ending.value, [[5], [[6, 7]]]);
});

test('a label that is the name of what all objects inherit has neither a count nor a clock yet', async () => {
  const script = "console.count('toString'); console.count('toString'); console.timeEnd('constructor')";
  const texts = (await run(worker, script)).console.map((line) => line.text);
  assert.deepEqual(texts, ['toString: 1', 'toString: 2', "Warning: No such label 'constructor' for console.timeEnd()"]);
});

/** What is done to all objects, and whether before the error is made. @type {[string, string][]} */
const FORGERIES = [
  ['a toJSON of all objects', "Object.prototype.toJSON = () => 'forged'"],
  ['a toJSON of all arrays', "Array.prototype.toJSON = () => 'forged'"],
  ['setters on the indices of arrays', "Object.defineProperty(Array.prototype, 0, { set() {} })"],
];

for (const [what, done] of FORGERIES) {
  test(`an error tells its causes, its errors and its fields as they are, after ${what}`, async () => {
    const error = "Object.assign(new AggregateError(['of many'], 'm', { cause: 'why' }), { code: 1 })";
    const { cause, errors, fields } = (await run(worker, `const error = ${error}; ${done}; throw error`)).ending;
    assert.deepEqual({ cause, errors, fields }, { cause: ['why'], errors: ['of many'], fields: { code: 1 } });
  });

  test(`what a binding gave last is there for a hint, after ${what}`, async () => {
    const script = `const row = await f(); ${done}; row.alhpa.x`;
    const { hint } = await answered(script, { type: 'resolve', value: { alpha: 1 } });
    assert.equal(hint, 'What `f` gives has no field `alhpa`: did you mean `alpha`?');
  });
}

const REJECTED = { type: 'reject', name: 'Refused', message: 'no', code: 'E1', details: { why: 'full' } };

for (const key of ['message', 'name', 'code', 'why']) {
  test(`an error of a binding is what it said, though all errors have a setter of its ${key}`, async () => {
    const { name, message, fields } = await answered(`${setter('Error', key)} await f()`, REJECTED);
    assert.deepEqual([name, message, fields], ['Refused', 'no', { code: 'E1', why: 'full' }]);
  });
}

for (const key of ['get', 'set']) {
  test(`an error of a binding is what it said, though all objects have a \`${key}\` for those that describe a property`, async () => {
    const { name, message, fields } = await answered(`Object.prototype.${key} = () => 'forged'; await f()`, REJECTED);
    assert.deepEqual([name, message, fields], ['Refused', 'no', { code: 'E1', why: 'full' }]);
  });
}

test('what a run comes to is awaited by promises that ask the script for no constructor', async () => {
  const script = `const own = (async () => 8)();
    Object.defineProperty(Promise.prototype, 'constructor', { get() { if (this !== own) throw new Error('asked'); return Promise; } });
    own`;
  assert.equal((await run(worker, script)).ending.value, 8);
});

test('a proxy is made and shown though the notes of the language are kept by others', async () => {
  const script = `WeakMap.prototype.set = WeakMap.prototype.get = () => { throw new Error('replaced') };
    console.log(new Proxy({ a: 1 }, {}))`;
  assert.deepEqual((await run(worker, script)).console.map((line) => line.text), ['{ a: 1 }']);
});

test('an error of a binding has no code and no details but those it was given', async () => {
  const script = `Object.prototype.code = 'forged';
    Object.prototype.details = { get forged() { throw new Error('read') } };
    try { await f() } catch (error) { [String(error), Object.hasOwn(error, 'code'), 'forged' in error] }`;
  const { value } = await answered(script, { type: 'reject', name: 'Refused', message: 'no' });
  assert.deepEqual(value, ['Refused: no', false, false]);
});

test('what comes with the value of a binding is that, whatever all objects say of theirs', async () => {
  const trapped = `${setter('Object', 'meta')}
    const rows = await f();
    [Object.getOwnPropertyDescriptor(rows, 'meta').value]`;
  assert.deepEqual((await answered(trapped, { type: 'resolve', value: [1], meta: 5 })).value, [5]);
  const forged = "Object.prototype.meta = 'forged'; const rows = await f(); [rows.meta, Object.hasOwn(rows, 'meta')]";
  assert.deepEqual((await answered(forged, { type: 'resolve', value: [1], meta: 5 })).value, [5, true]);
  assert.deepEqual((await answered(forged, { type: 'resolve', value: [1] })).value, ['forged', false]);
});

test('a call is answered where all objects have setters of its number and name', async () => {
  for (const key of [1, 'f']) {
    const { value } = await answered(`${setter('Object', key)} await f()`, { type: 'resolve', value: { a: 1 } });
    assert.deepEqual(value, { a: 1 });
  }
});

test('a trap of a function is given its arguments where the indices of arrays have setters', async () => {
  const script = `${setter('Array', 0)}
    const traps = {
      apply: (target, self, args) => [args.length, args[0]],
      construct: (target, args) => ({ made: [args.length, args[0]] }),
    };
    const both = new Proxy(function () {}, traps);
    [both(7), new both(8)]`;
  assert.deepEqual((await run(worker, script)).ending.value, [[1, 7], { made: [1, 8] }]);
});

test('what is refused is refused by an error of the language, whatever a script calls so', async () => {
  const script = `const Wrong = TypeError;
    globalThis.TypeError = globalThis.RangeError = globalThis.Promise = function () { throw new Error('replaced') };
    const told = [];
    const tried = (act) => { try { act() } catch (error) { told.push(error) } };
    for (const act of [() => setTimeout('x'), () => queueMicrotask(1), () => Proxy({}, {})]) tried(act);
    for (const wrong of [Symbol(), 'x'.repeat(5e6)]) try { await f(wrong) } catch (error) { told.push(error) }
    const wrong = told.map((error) => error instanceof Wrong);
    for (let i = 0; i < MANY; i += 1) tried(() => f(i));
    [...wrong, told.length]`;
  const few = await run(worker, script.replace('MANY', '100'), { f: () => 1 });
  assert.deepEqual(few.ending.value, [true, true, true, true, true, 5]);
  const { said, ending: threw } = await run(worker, script.replace('MANY', '101'), { f: () => 1 });
  assert.deepEqual([said.length, threw.kind, threw.name], [100 + 1, 'call_limit', 'RangeError']);
});

test('how a run ends is not asked of what the script made of the prototype of all objects', async () => {
  for (const ends of ["throw new Error('of it')", "({ toJSON() { throw new Error('of it') } })"]) {
    const script = `for (const name of ['kind', 'text', 'lostFunction', 'given']) {
        Object.defineProperty(Object.prototype, name, { get() { console.log(name); throw 1 }, set() { throw 2 } });
      }
      ${ends}`;
    const { ending: got, said } = await run(worker, script);
    assert.match(got.message, /of it$/);
    assert.equal(said.length, 1);
  }
});

const INSIDE = new URL('../stockade_worker/inside/', import.meta.url);
const COMMENTS = /\/\/.*|\/\*[^]*?\*\//g;
/** Every name that the code of a context reads or gives. */
const NAMES = new Set(readdirSync(INSIDE).filter((name) => name.endsWith('.js')).flatMap((name) => {
  const code = readFileSync(new URL(name, INSIDE), 'utf8').replaceAll(COMMENTS, '');
  return [...code.matchAll(/(?:\.|[{,]\s*)([a-zA-Z]\w*)/g)].map((found) => found[1] ?? '');
}));

/** What the language asks of a value, what a script's own error is asked, and the traps of its own proxy. */
const ASKED = new Set(['then', 'toJSON', 'cause', 'get', 'getPrototypeOf', 'ownKeys', 'getOwnPropertyDescriptor']);

/** Has every such name told where an object lacks it, by the console. */
const POISON = `{
  const { defineProperty } = Object;
  const { log } = console;
  let armed = true;
  const tell = (text) => { if (!armed) return; armed = false; log(text); armed = true; };
  for (const name of ${JSON.stringify([...NAMES].filter((name) => !ASKED.has(name)))}) {
    if (name in Object.prototype) continue;
    const get = () => tell('asked for ' + name);
    const set = function (value) { tell('set ' + name); defineProperty(this, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true }); };
    defineProperty(Object.prototype, name, { __proto__: null, configurable: true, get, set });
  }
}`;

const ENDS = [
  'undefined', '({ a: 1, f() {} })', '({ n: NaN, u: undefined })', "new Map([['k', { a: new Date(0) }]])", 'const c = []; c[0] = c; c', '1n', "new Error('v')",
  'new Uint8Array(3)', 'new Proxy({ a: 1 }, {})', 'structuredClone({ a: [1] })', 'const r = await f({}); r.missing', 'await f(1)', 'await f(() => 1)',
  "throw new Error('x')", 'throw 5', 'await g()', "Promise.reject(new Error('z')); 1", 'f(Symbol())', 'for (;;) f(1)', 'await new Promise(() => {})', 'x y',
  "throw new AggregateError([1, new Error('q')], 'm', { cause: new Error('c') })", "throw Object.assign(new Error('e'), { of_its_own: { p: 1 } })",
  '(function f() { f() })()', "queueMicrotask(() => { throw new Error('m') }); undefined", "setTimeout(() => { throw new Error('t') }, 1); undefined",
  'const t = setInterval(() => {}, 1); await f(2); clearInterval(t); 3', "new URL('http://a/b').href",
  "console.log({ a: 1 }, [1], new Map([[1, 2]]), new Error('y'))", 'console.table([{ a: 1 }])', 'console.dir({ a: { b: 1 } }, { depth: 0 })',
  'console.time(); console.timeEnd(); console.count()',
];

for (const ends of ENDS) {
  test(`no object of ours is asked for what it lacks: ${ends}`, async () => {
    const of = { f: (/** @type {unknown} */ a) => (typeof a === 'object' ? { events: [{ n: 1 }] } : 7), g: () => { throw new Error('of g'); } };
    const { console } = await run(worker, `${POISON}\n${ends}`, of, { caps: { ...CAPS, calls: 50 } });
    assert.deepEqual(console.map(({ text }) => text).filter((text) => /^(?:asked for|set) /.test(text)), []);
  });
}
