// What a value is on the wire: the same whether JSON.stringify writes the whole of it or the bridge each part.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { CAPS, run, startWorker, timesAsLong } from './worker.mjs';

/** @type {ReturnType<typeof startWorker>} */
let worker;
before(async () => {
  worker = startWorker('context');
  await worker.line();
});
after(() => worker.close());

/** @param {string} script @param {object} [options] */
const ending = async (script, options) => (await run(worker, script, {}, options)).ending;

const VALUES = [
  '[1, -0, NaN, Infinity, 1e300, 0.1, 2 ** 53]', "['', 'ä', '\\u2028', '\\ud83d\\ude00', 'a\\ud800b', '\\\\ud', '\\u0001\"']", '[true, null, undefined, [, 1]]',
  '{ a: 1, b: undefined, c: { d: [{}] }, 2: 3, "": 4, "\\ud800": 5 }', '{ f() {}, g: [() => 1] }', '[Object.assign(() => 1, { toJSON: () => 2 })]',
  '[10n]', '[new Date(0), new Date(NaN)]', '[new Set([1]), new Map([["a", 1]]), new Map([[1, 2]])]', '[new Uint8Array(2), new ArrayBuffer(1)]',
  '[new (class A { x = 1; get y() { return 2 } })()]', '[new (class L extends Array {})(1, 2)]', '[new Number(1), new String("s"), new Boolean(false), Object(1n)]', '[new TypeError("m")]',
  'Object.setPrototypeOf(new Number(5), Object.prototype)', 'Object.setPrototypeOf(new String("abc"), Object.prototype)',
  '[Object.setPrototypeOf(new Boolean(false), Object.prototype)]', '{ [Symbol.toStringTag]: "tagged", a: 1 }',
  'Object.assign(Object.create(null), { a: 1 })', "typeof JSON.rawJSON === 'function' ? [JSON.rawJSON('1e1000')] : [{ rawJSON: '1e1000' }]",
  '{ get a() { return 1 } }', 'Object.create({ inherited: 1 })', '{ toJSON() { return { b: 1 } } }', '[{ toJSON: () => undefined }]', 'Object.assign([1], { toJSON: 5, extra: 1 })',
  'Object.defineProperty({ a: 1 }, "hidden", { value: 1 })', 'new Proxy({ a: 1 }, {})', 'new Proxy([1], {})', '(() => { const a = { b: 1 }; return [a, a] })()',
];

for (const value of VALUES) {
  test(`${value} is the same alone and beside what JSON.stringify cannot write`, async () => {
    const alone = await ending(`(${value})`);
    const beside = await ending(`[${value}, new Set()]`);
    assert.deepEqual(beside.value, [alone.value ?? null, []]);
  });
}

test('names and methods that all objects inherit are no part of a value', async () => {
  assert.deepEqual((await ending("Object.prototype.all = 1; Array.prototype[1] = 'x'; [{ a: 1 }, [2]]")).value, [{ a: 1 }, [2]]);
  assert.deepEqual((await ending('Object.prototype.all = Symbol(); [{ a: 1 }]')).value, [{ a: 1 }]);
  assert.deepEqual((await ending('Array.prototype.toJSON = () => 1; [{ a: [] }]')).value, 1);
  assert.deepEqual((await ending('JSON.stringify = () => "2"; Object.prototype.toString = () => "3"; ({ a: 1 })')).value, { a: 1 });
});

test('no code of the script runs while JSON.stringify writes', async () => {
  // No getter to tell of it: with one, JSON.stringify would not be used.
  const script = `const told = { ran: false };
    const number = Object.setPrototypeOf(new Number(5), Object.prototype);
    Object.defineProperty(number, 'valueOf', { value: () => { told.ran = true; return 6; } });
    [number, told]`;
  assert.deepEqual((await ending(script)).value, [{}, { ran: false }]);
});

/** What cannot cross, its kind, and what the message says. @type {[string, string, RegExp][]} */
const REFUSED = [
  ['class A {}\nA', 'unserializable', /^the value is a function, which JSON cannot hold/],
  ['({ toJSON: () => undefined })', 'unserializable', /^the value is a object/],
  ['({ a: [1, Symbol()] })', 'unserializable', /^the value\.a\[1\] is a symbol/],
  ['const a = { b: [] }; a.b.push(a); a', 'unserializable', /^the value\.b\[0\] refers back/],
  ['({ a: Promise.resolve() })', 'unserializable', /^the value\.a is a Promise/],
  ['({ a: { get b() { throw new Error("why") } } })', 'unserializable', /^the value\.a\.b could not be read: Error: why/],
  ['let deep = []; for (let i = 0; i < 401; i += 1) deep = [deep]; deep', 'unserializable', /is nested deeper than 400 levels/],
  ['let wide = {}; for (let i = 0; i < 60; i += 1) wide = { a: wide, b: wide }; wide', 'result_limit', /too large/],
  ['let wide = "x".repeat(1000); for (let i = 0; i < 60; i += 1) wide = [wide, wide]; wide', 'result_limit', /too large/],
  ['({ a: Array(1e9) })', 'result_limit', /^the value\.a.* is too large/],
  ['({ a: ["x".repeat(2e6)] })', 'result_limit', /^the value\.a\[0\] is too large/],
  ['["\\u0001".repeat(3e5)]', 'result_limit', /too large/],
];

for (const [script, kind, message] of REFUSED) {
  test(`${script} is refused as ${kind}`, async () => {
    const threw = await ending(script);
    assert.equal(threw.kind, kind);
    assert.match(threw.message, message);
    assert.equal((await ending('1 + 1')).value, 2);
  });
}

/** A value of each kind whose JSON, with what fills it up, is as long as asked for; and how long it is without that. */
const SIZED = [
  ['fill', 2], ['[fill]', 4], ['({ a: 1, fill })', 17], ['({ [fill]: 1 })', 6], ['[...Array(300).fill(1), fill]', 604],
  ['[...new Uint8Array(300), fill]', 604], ['new Set([1, 2, 3, fill])', 10], ['[...Array(200).fill(true), fill]', 1004],
  ['[...Array(160).fill(false), fill]', 964], ['[...Array(200).fill(null), fill]', 1004], ['[...Array(200).fill(() => 1), fill]', 1004],
  ['[0.1234567890123456, -1e300, fill]', 31], ['[...Array(300).fill([]), fill]', 904], ['[new Date(0), fill]', 31],
];

for (const [value, bytes] of /** @type {[string, number][]} */ (SIZED)) {
  test(`${value} is too large for its limit by the bytes of its JSON alone`, async () => {
    for (const over of [-1, 0, 1]) {
      const script = `const fill = 'x'.repeat(${1024 - bytes + over}); `;
      const kept = await ending(`${script}${value}`, { caps: { ...CAPS, result_bytes: 1024 } });
      assert.deepEqual([kept.type, kept.kind], over > 0 ? ['threw', 'result_limit'] : ['returned', undefined], `${over}`);
      const { said } = await run(worker, `${script}await f(${value}).catch(() => 1)`, { f: () => 1 }, { caps: { ...CAPS, call_bytes: 1026 } });
      assert.equal(said.filter((one) => one.type === 'call').length, over > 0 ? 0 : 1, `${over}`);
    }
  });
}

test('a getter is read once, and what it said is the value', async () => {
  assert.deepEqual((await ending('let n = 0; ({ get a() { n += 1; return n > 1 ? "x".repeat(2e6) : [n] } })')).value, { a: [1] });
  assert.deepEqual((await ending('const list = [0, 2]; Object.defineProperty(list, 0, { get() { list.push(3); return 1 } }); list')).value, [1, 2]);
  assert.deepEqual((await ending('Object.defineProperty(Array.prototype, 0, { set() { throw 1 } }); [5, { __proto__: null, a: 1 }]')).value, [5, { a: 1 }]);
  assert.deepEqual((await ending('({ ["__proto__"]: { a: [1] }, b: 2 })')).value, JSON.parse('{ "__proto__": { "a": [1] }, "b": 2 }'));
});

test('400 levels cross, and a getter that changes its mind harms no line', async () => {
  assert.equal((await ending('let deep = []; for (let i = 0; i < 400; i += 1) deep = [deep]; deep')).type, 'returned');
  for (const second of ['Symbol()', '1n', '() => 1', 'this', 'new Map([[1, 2]])', '(() => { throw 1 })()', '{ toJSON() { return "\\n" } }']) {
    const said = await ending(`const o = { get a() { return Object.hasOwn(this, 'n') ? ${second} : (Object.defineProperty(this, 'n', { value: 1 }), 0) } }; o`);
    assert.ok(said.type === 'returned' || said.kind === 'unserializable', second);
  }
});

test('a getter is read once beside what is not plain, and so is a proxy', async () => {
  for (const part of ['new Date(0)', 'new Set()', '1n', '() => 1', "'\\ud800'", "'C:\\\\udev'"]) {
    assert.equal((await ending(`let n = 0; ({ get id() { return ++n }, part: ${part} })`)).value.id, 1, part);
  }
  assert.equal((await ending('let n = 0; Object.defineProperty([0, new Date(0)], 0, { get() { return ++n } })')).value[0], 1);
  assert.equal((await ending('let n = 0; [{ get toJSON() { n += 1; return () => n } }]')).value[0], 1);
  assert.deepEqual((await ending('let n = 0; [new Proxy({ a: 1 }, { get: (o, k) => k === "a" ? ++n : o[k] }), new Date(0)]')).value[0], { a: 1 });
  const { said } = await run(worker, '({ get id() { f(); return 1 }, when: new Date(0) })', { f: () => 1 });
  assert.equal(said.filter((one) => one.type === 'call').length, 1);
});

test('patched prototypes change nothing of a value that does not ask them', async () => {
  assert.deepEqual((await ending("Object.setPrototypeOf(Array.prototype, { set 0(v) {}, get 0() { return 'evil' } }); ({ a: [1, 2] })")).value, { a: [1, 2] });
  assert.deepEqual((await ending('Object.setPrototypeOf(Array.prototype, new Proxy(Object.prototype, { set: () => true })); ({ a: [1, 2] })')).value, { a: [1, 2] });
  const shadowed = "Object.defineProperty(Object.prototype, 'toJSON', { value: () => 'evil' }); Object.defineProperty({ a: 1 }, 'toJSON', { value: undefined })";
  assert.deepEqual((await ending(shadowed)).value, { a: 1 });
});

test('half a surrogate pair becomes U+FFFD in keys and texts, and a backslash before "ud" stays', async () => {
  const texts = ['\ud800', '\udfff\ud83d\ude00\udbff', '\\ud800', '\\\\\ud800\\udev', '"\ud800"', '\\\\ud800\n\ud800'];
  const script = `(${JSON.stringify(texts)}).map((text) => ({ [text]: text }))`;
  assert.deepEqual((await ending(script)).value, texts.map((text) => ({ [text.toWellFormed()]: text.toWellFormed() })));
  const { said, ending: last } = await run(worker, "({ toJSON() { f({ '\\ud800': 1 }); return { '\\ud800': 2 } } })", { f: () => 1 });
  assert.deepEqual([said.find((one) => one.type === 'call').args, last.value], [[{ '\ufffd': 1 }], { '\ufffd': 2 }]);
});

test('a toJSON is told the key and a BigInt asked for its own, as by JSON.stringify', async () => {
  const key = '{ toJSON(key) { return `${typeof key} ${key}` } }';
  for (const value of [`(${key})`, `({ a: ${key}, b: [1, ${key}], c: { d: ${key} } })`, "BigInt.prototype.toJSON = function (key) { return [key, Number(this)] }; [1n, { a: 2n }]"]) {
    assert.deepEqual((await ending(value)).value, JSON.parse((await ending(value.replace(/(.*; )?(.*)/, '$1JSON.stringify($2)'))).value));
  }
  assert.deepEqual((await ending('BigInt.prototype.toJSON = function () { return this.valueOf() }; [1n]')).value, ['1']);
});

test('an instance of a class is not asked for each kind of object that it is not', async () => {
  const written = async (/** @type {string} */ row) => {
    const { value } = await ending(`class Row { constructor(id) { this.id = id } } [...Array.from({ length: 10000 }, (_, id) => ${row}), new Row(1)]`);
    assert.deepEqual([value.length, value[7]], [10_001, { id: 7 }]);
  };
  assert.ok(await timesAsLong(() => written('new Row(id)'), () => written('({ id })')) < 10);
});

test('a proxy of an instance is written whatever its trap for `in` does', async () => {
  const { value } = await ending("class Row { id = 1 } new Proxy(new Row(), { has() { throw new Error('has') } })");
  assert.deepEqual(value, { id: 1 });
});

test('a value may take the bytes that UTF-8 makes of it, and not one more', async () => {
  const caps = (/** @type {number} */ bytes) => ({ caps: { ...CAPS, result_bytes: bytes } });
  for (const letter of ['a', '\x7f', '\x80', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}']) {
    const text = letter.repeat(300);
    const bytes = Buffer.byteLength(JSON.stringify(text));
    assert.equal((await ending(`'${text}'`, caps(bytes))).value, text);
    assert.equal((await ending(`'${text}'`, caps(bytes - 1))).kind, 'result_limit', letter);
  }
});
