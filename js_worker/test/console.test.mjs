// What the console shows, held against Node's own console for the same values.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { format } from 'node:util';
import { Script } from 'node:vm';

import { plain, run, startWorker, timesAsLong } from './worker.mjs';

/** @type {ReturnType<typeof startWorker>} */
let worker;
before(async () => {
  worker = startWorker('context');
  await worker.line();
});
after(() => worker.close());

/** Argument lists, as source. */
const AS_NODE = [
  '', "'text'", "'a', 1, true, null, undefined", "1, 'a'", '-0, 0, NaN, 1e21', '12n, Symbol("s"), Symbol()',
  "'%s is %d and %i', 'x', 1.5, 2.7", "'%f %s', '1.25x', { a: 1 }", "'%j', { a: [1] }", "'%j %j', () => 1, Symbol('a')", "'%O', { a: { b: { c: {} } } }", "'100%', 5", "'%%', 1", "'%x %s', 1", "'%c styled', 'color: red'",
  "'%s', Symbol('a'), 'rest'", "'%s', null", "'%s', -0", "'%d', '42'", "'%d', {}", "'%i', 'abc'", "'%s', [1, [2]]", "'%s', class A {}", "'%d', 5n",
  "'%j', (() => { const o = {}; o.o = o; return o })()", "'%i %f %d', 5n, '5', 6n", "'%d %i %f', null, null, null", "'%f', Symbol('x')", "'%i', Symbol('x')", "'%d', Symbol('x')", "'a%'", "'%', 1", "'%%%s', 1", "'%% %s'", "'%j', undefined", "'%o', { a: { b: { c: { d: { e: { f: 1 } } } } } }", "'%q %s', 1", "'%s', undefined",
  '{}', '[]', '{ a: 1 }', "{ a: 'x', 'b-c': [1, 'y'] }", '[1, 2, 3]', "['a', 'b']", '{ $a: 1, _b: 2, 3: 4 }', "{ '': 1, 'it\\'s': 2 }",
  '{ a: { b: { c: { d: 1 } } } }', '[[[[1]]]]', '{ a: { b: { c: {} } } }', '[{ a: [{ b: 1 }] }]',
  'Array.from({ length: 7 }, (_, i) => i)', 'Array.from({ length: 120 }, (_, i) => i)', 'Array.from({ length: 27 }, (_, i) => "item" + i)', 'Array.from({ length: 101 }, () => "x")',
  'Array.from({ length: 30 }, (_, i) => i % 3 ? i * 1000 : i)', 'Array.from({ length: 10 }, (_, i) => "x".repeat(i * 4))',
  'Array.from({ length: 12 }, (_, i) => ({ id: i, name: "n" + i }))', '[1.5, -2, 1000, 3, 4, 5, 6, 7]', '[undefined, null, true, "a", 1, 2, 3, 4]',
  '[, 1, , , 2]', 'new Array(5)', 'Object.assign([1, 2], { extra: true })', '[,]',
  "{ name: 'a long enough text to matter', other: 'a second text that is long', third: 1 }", "{ k: 'x'.repeat(100) }", "['x'.repeat(50), 'y'.repeat(50)]",
  "Object.assign([1], { '-1': 2, '1.5': 3, '/': 4, ':': 5, '12345678901': 6 })", "{ Z: 1, z: 2, a9: 3, A: 4, _: 5, Z0: 6 }", "{ '@': 1, '[': 2, '`': 3, '{': 4, '/': 5, ':': 6, 9: 7 }",
  `["'", "'\\"", "'\\"\`", "'\\"\${"]`, "['\\x1f', '\\x00', '\\x0f', '\\x10', '\\x7e'], ['\\x7f', '\\x80', '\\x9f', '\\xa0', '\\v', '\\\\']",
  "['\\ud7ff', '\\udbff', '\\udc00', '\\udfff', '\\ue000'], ['\\ud800\\udbff', '\\udbff\\udfff', '\\ud800\\ue000', '\\ud7ff\\udc00', '\\udc00\\udc00']",
  ...[6, 7, 24, 25].map((n) => `Array.from({ length: 30 }, () => 'x'.repeat(${n}))`), ...[4, 5].map((n) => `['x'.repeat(${n}), ...'abcdef']`), ...[6, 7, 24, 25].map((n) => `[Array.from({ length: 9 }, (_, i) => 'x'.repeat(${n} - (i % 2)))]`),
  ...[15, 16, 73, 74].map((n) => `{ a: '${'x'.repeat(n - 3)}\\nyy' }`), ...[69, 70, 71, 72].map((n) => `{ a: '${'x'.repeat(n - 6)}' }`),
  "{ a: 'one\\ntwo' }", "['\\ud800', '\\udc00a', '\\ud83d\\ude00', '\\ud800\\ud83d\\ude00\\udfff'], { '\\ud800': 1 }", "'one\\ntwo'", "['it\\'s', '\"quoted\"', '`tick`', '\\t\\b\\u0001\\u007f']", "{ a: 'a line that is long enough to be split by lines\\nand a second line that is long as well' }",
  'new Map([["a", 1], [{ b: 2 }, [3]]])', 'new Map()', 'new Set([1, "a", {}])', 'new Set()', '{ m: new Map([[1, { a: { b: 1 } }]]) }',
  'new Date(0)', 'new Date(NaN)', '{ at: new Date(0) }', '/a+/gi', '[/x/]',
  '() => 1', 'function named() {}', 'async () => {}', 'function* g() {}', 'class A {}', 'class B extends Array {}', '{ f() {}, g: () => 1, h: class {} }', 'Object.assign(() => 1, { a: 1 })', 'Math.max',
  'new (class Foo { constructor() { this.x = 1; } })()', 'new (class extends Map {})([[1, 2]])', 'new (class Bar extends Array {})(3)', 'new (class Empty {})()',
  'Object.create(null)', 'Object.assign(Object.create(null), { a: 1 })', 'Object.create({ inherited: 1 })', 'Object.create(class X {}.prototype)',
  '{ get a() { throw 1 }, set b(v) {}, get c() { return 1 }, set c(v) {} }', '{ [Symbol.toStringTag]: "Tagged", a: 1 }', 'Math', 'JSON',
  '(() => { const o = { name: "o" }; o.self = o; return o })()', '(() => { const a = { n: 1 }, b = { a }; a.b = b; return [a, b] })()', '(() => { const m = new Map(); m.set("me", m); return m })()',
  'new Uint8Array([1, 2, 3])', 'new Float64Array(8)', 'new Uint8Array(200)', 'new ArrayBuffer(4)', 'new Number(3)', 'new String("abc")', 'new Boolean(false)', 'Object(Symbol("x")).description',
  'new URL("http://u:p@a.b:8/c?d=e&f=#g")', '[new URL("http://x")], { a: new URL("file:///x") }', 'new URLSearchParams("a=1&b=it\'s"), new URLSearchParams(), [new URLSearchParams({ q: "x" })]',
  'new AbortController(), AbortSignal.abort(1)', 'Object.prototype.toString.call(new URL("http://x")), Object.prototype.toString.call(new CustomEvent("x")), `${new AbortController().signal}`',
  'Object(5n), [Object(Symbol("s"))]', '(function () { return arguments })(1, [2])', 'new DataView(new ArrayBuffer(2), 1)', '{ ["__proto__"]: 1 }',
  'new WeakMap()', 'new WeakSet()', '(function () { return 1 }).bind(null)', 'globalThis.undefinedThing', '[null, undefined]', '{ a: undefined, b: null }',
  "{ id: 1, tags: ['a', 'b'], nested: { deep: [1, 2, { x: 1 }] } }", "[{ id: 1, state: 'running', tags: { Name: 'web-1', Env: 'prod' } }, { id: 2, state: 'stopped', tags: {} }]",
  'new Proxy({ a: 1 }, { get() { throw 1 }, ownKeys() { throw 2 } })', 'new Proxy([1, 2], {})', 'new Proxy(function f() {}, {})', '[new Proxy({}, {})]',
  '{ a: 1n, b: Symbol("q"), c: -0 }', "Object.fromEntries(Array.from({ length: 30 }, (_, i) => ['key' + i, i]))", "[['a', 1], ['b', 2]]", "[[1, 2, [3, 4, [5, [6]]]], { a: { b: { c: { d: 1 } } } }]", "'a'.repeat(200)",
  ...[58, 59].flatMap((n) => [`new (class Foo { a = 'x'.repeat(${n}) })()`, `new Set(['x'.repeat(${n})])`, `new Map([['k', 'x'.repeat(${n - 7})]])`, `Object.assign(new Number(1), { a: 'x'.repeat(${n - 8}) })`]),
  "['x'.repeat(10001)]", "['x'.repeat(10002)]", "Object.assign([1], { '': 2 })", ...[100, 101, 102].map((n) => `new ArrayBuffer(${n})`), '{ "a b": { "c.d": 1 } }', 'Array.from({ length: 8 }, () => [1, 2])', '[1e21, 1e-7, 0.1, 123456789, 5, 6, 7]', '[1n, 2n, 3n, 4n, 5n, 6n, 700n]',
];

// Node 24 writes these otherwise than 22 does; on both, ours is the newer way.
const NEWER = new Set([...[4, 100, 101, 102].map((n) => `new ArrayBuffer(${n})`), 'new DataView(new ArrayBuffer(2), 1)', '{ [Symbol.toStringTag]: "Tagged", a: 1 }']);
const isOld = Number.parseInt(process.versions.node, 10) < 24;

for (const args of AS_NODE.filter((one) => !isOld || !NEWER.has(one))) {
  test(`console.log(${args.slice(0, 90)}) shows what Node shows`, async () => {
    const { console: lines } = await run(worker, `console.log(${args}); 0`);
    const here = new Script(`[${args === '[,]' ? '[,]' : args}]`).runInThisContext();
    assert.equal(lines[0].text, format(...here));
  });
}

/** @param {string} script */
const texts = async (script) => (await run(worker, script)).console.map((line) => (line.level === 'log' ? line.text : `${line.level}: ${line.text}`));

test('an error shows its stack, its cause and its own fields', async () => {
  const [plain, inside, cause] = await texts(`
console.log(new TypeError('bad'));
console.log({ e: new Error('in') });
console.log(Object.assign(new Error('outer', { cause: new RangeError('inner') }), { code: 'E1' })); 0`);
  assert.deepEqual(await texts("console.log(Object.assign(new Error('x'), { code: 1 }))"), ['Error: x\n    at script.js:1:27 {\n  code: 1\n}']);
  const read = await texts("const e = new Error('x'); console.log(Object.defineProperty(e, 'message', { get() { throw new Error('read') }, enumerable: true }))");
  assert.deepEqual(read, ['Error\n    at script.js:1:11 {\n  message: [Getter]\n}']);
  assert.deepEqual(await texts("console.log(new AggregateError([1], 'm'))"), ['AggregateError: m\n    at script.js:1:13 {\n  [errors]: [ 1 ]\n}']);
  assert.deepEqual(await texts("console.log(Object.assign(new Error('x'), { cause: 1, name: 'Error', code: 'x' }))"), ["Error: x\n    at script.js:1:27 {\n  cause: 1,\n  code: 'x'\n}"]);
  const told = "const e = new Error('x'); const told = (key, value) => Object.defineProperty(e, key, { value, enumerable: true });";
  assert.deepEqual(await texts(`${told} told('message', 'other'); console.log(e)`), ['Error: other\n    at script.js:1:11']);
  assert.deepEqual(await texts(`${told} told('stack', e.stack); console.log(e)`), ['Error: x\n    at script.js:1:11']);
  assert.equal(plain, 'TypeError: bad\n    at script.js:2:13');
  assert.equal(inside, '{\n  e: Error: in\n      at script.js:3:18\n}');
  assert.equal(cause, "Error: outer\n    at script.js:4:27 {\n  code: 'E1',\n  [cause]: RangeError: inner\n      at script.js:4:55\n}");
});

test('a table says how many rows it leaves out', async () => {
  const [text] = await texts('console.table(Array.from({ length: 1003 }, (_, i) => i)); 0');
  assert.match(text ?? '', /│ 999 +│ 999 +│\n└[─┴]+┘\n\.\.\. 3 more rows$/);
});

test('a table says how many columns it leaves out', async () => {
  const rows = 'Array.from({ length: 3 }, (_, row) => Object.fromEntries(Array.from({ length: 60 + row }, (_, i) => [`f${i}`, i])))';
  const [all, some, wanted] = await texts(`console.table(${rows}); console.table([{ a: 1 }]); console.table([{ f5: 1 }], Array.from({ length: 51 }, (_, i) => \`f\${i}\`)); 0`);
  assert.match(all ?? '', /│ f48 │[^]*\n└[─┴]*┘\n\.\.\. 13 more columns$/);
  assert.match(some ?? '', /┘$/);
  assert.match(wanted ?? '', /│ f49 │\n[^]*\n\.\.\. 1 more column$/);
});

test('groups indent, counts count, clocks tell the time, tables are drawn', async () => {
  const got = await texts(`
    console.group('outer'); console.log('a\\nb'); console.group(); console.warn({ x: 1 }); console.groupEnd(); console.groupEnd(); console.groupEnd(); console.log('flat');
    console.count(); console.count('x'); console.count('x'); console.countReset('x'); console.count('x');
    console.time('t'); console.timeLog('t', 1); console.timeEnd('t'); console.timeEnd('t');
    console.assert(true, 'no'); console.assert(false, 'value is %d', 5); console.assert(0);
    console.dir({ a: { b: { c: { d: {} } } } }, { depth: 0 }); console.dir({ a: { b: { c: { d: {} } } } }, { depth: null });
    console.dir({ a: [[[]]] }, null); 0`);
  assert.deepEqual(got.map((text) => text.replace(/\d+ms/, 'N ms')), [
    'outer', '  a\n  b', 'warn:     { x: 1 }', 'flat', 'default: 1', 'x: 1', 'x: 2', 'x: 1', 't: N ms 1', 't: N ms',
    "warn: Warning: No such label 't' for console.timeEnd()", 'warn: Assertion failed: value is 5', 'warn: Assertion failed', '{ a: [Object] }', '{\n  a: { b: { c: { d: {} } } }\n}',
    '{ a: [ [ [] ] ] }',
  ]);
});

test('groups without end indent no further than half a line', async () => {
  const [text = ''] = await texts("for (let i = 0; i < 1000; i += 1) console.group(); console.log('x'); 0");
  assert.equal(text, `${' '.repeat(80)}x`);
});

test('a run without a console says nothing, by any method of it', async () => {
  const script = `for (const name of Object.keys(console)) { console[name]('x', { a: 1 }); console[name]([{ a: 1 }]); }
    for (const name of ['time', 'timeLog', 'timeEnd', 'timeEnd', 'count', 'trace']) console[name](); 0`;
  assert.deepEqual((await run(worker, script, {}, { console: false })).said.map(plain), [{ type: 'returned', value: 0 }]);
});

test('a trace names the places of the script', async () => {
  assert.deepEqual(await texts("const f = () => console.trace('here %d', 1);\nf(); 0"), ['error: Trace: here 1\n    at f (script.js:1:25)\n    at script.js:2:1']);
});

test('a table shows dates, and of a proxy what it stands for', async () => {
  const [date = '', plain, proxy] = await texts("console.table([new Date(0)]); console.table([{ a: 1 }]); console.table([new Proxy({ a: 1 }, { ownKeys() { throw 1 } })])");
  assert.match(date, /│ 0 +│ 1970-01-01T00:00:00\.000Z │/);
  assert.equal(proxy, plain);
});

test('a placeholder for a number runs nothing of a function', async () => {
  const f = 'Object.assign(() => 1, { valueOf: () => 5, toString: () => 6 })';
  assert.deepEqual(await texts(`console.log('%d %i %f', ${f}, ${f}, ${f})`), ['NaN NaN NaN']);
});

const TABLES = ['new Uint8Array([7, 8])', "[{ a: 1, b: 'x' }, { a: 2, c: true }]", "[[1, 2], [3, 4]]", "['p', 'q']", "{ r1: { n: 1 }, r2: 5 }", "new Map([['k', 1], ['l', { z: 2 }]])", "new Set(['s'])", '[]', "[{ a: 1, b: 2 }], ['b']", '5', "[{ d: new Date(0), e: { f: 1 }, n: null }]"];

for (const args of TABLES) {
  test(`console.table(${args}) draws what Node draws`, async () => {
    const { Console } = await import('node:console');
    const { Writable } = await import('node:stream');
    let drawn = '';
    const sink = new Writable({ write(chunk, _encoding, done) { drawn += chunk; done(); } });
    const [data, columns] = new Script(`[${args}]`).runInThisContext();
    new Console(sink).table(data, columns);
    assert.deepEqual(await texts(`console.table(${args}); 0`), [drawn.replace(/\n$/, '')]);
  });
}

test('what is too much is cut, and the mark says how much', async () => {
  const [long, huge, deep] = await texts("console.log('x'.repeat(1e6)); console.log(Array(2e4).fill({ a: [1] })); let d = {}; for (let i = 0; i < 1e5; i++) d = { d }; console.log(d); 0");
  assert.match(long ?? '', /^x+… \(934464 more characters\)$/);
  assert.match(huge ?? '', /\.\.\. 19900 more items\n\]$/);
  assert.equal(deep, '{ d: { d: { d: [Object] } } }');
  const [wide] = await texts('const list = (item) => Array(100).fill(item); console.log(list(list(list(1)))); 0');
  assert.match(wide ?? '', /(?: {2}\[?\.\.\.,?.*\n)+\]$/);
  const [many] = await texts('const list = (item) => Array(100).fill(item); console.log({ all: list(list(1)), a: 1, b: 2 }); 0');
  assert.match(many ?? '', /\],\n {2}\.\.\.\n\}$/);
});

test('a list of many holes is shown in the time that its keys take', async () => {
  const shown = async (/** @type {number} */ apart) => {
    const [text = ''] = await texts(`const list = []; for (let i = 0; i < 100000; i += 1) list[i * ${apart}] = i; console.log(list)`);
    assert.ok(text.replace(/\s+/g, ' ').startsWith(`[ 0, <${apart - 1} empty items>, 1, <${apart - 1} empty items>,`));
  };
  assert.ok(await timesAsLong(() => shown(30_000), () => shown(100)) < 10);
});

test('a prototype that is a proxy is asked for nothing that its traps would tell', async () => {
  const traps = "{ has() { throw new Error('has') }, get() { throw new Error('get') } }";
  assert.deepEqual(await texts(`console.log(Object.create(new Proxy({}, ${traps})))`), ['{}']);
});

test('what a script gave to all objects is no part of how one is shown', async () => {
  const script = `for (const name of ['fill', 'open', 'close', 'error', 'leaf', 'indexed', 'columns', 'more', 'numeric', 'size', 'prefix', 'brief'])
    Object.defineProperty(Object.prototype, name, { value: () => { throw new Error(name) } });
    Object.prototype[2] = Object.prototype[97] = 'of all';
    console.log({ a: 1 }, ['a'], new Date(0), new Map([[1, 2]]), [[]]);
    console.table([{ b: 1 }, { c: 2 }])`;
  assert.deepEqual(await texts(script), [
    "{ a: 1 } [ 'a' ] 1970-01-01T00:00:00.000Z Map(1) { 1 => 2 } [ [] ]",
    '┌─────────┬───┬───┐\n│ (index) │ b │ c │\n├─────────┼───┼───┤\n│ 0       │ 1 │   │\n│ 1       │   │ 2 │\n└─────────┴───┴───┘',
  ]);
});

test('a pattern is shown without a getter of the script', async () => {
  const script = `const trap = { get() { throw new Error('ran') } };
    const own = Object.defineProperties(/a\\/b/dgimsuy, { source: trap, flags: trap });
    for (const name of ['source', 'flags', 'global', 'sticky']) Object.defineProperty(RegExp.prototype, name, trap);
    console.log(own, [/x/v], new (class Own extends RegExp {})('', 'g'))`;
  assert.deepEqual(await texts(script), ['/a\\/b/dgimsuy [ /x/v ] /(?:)/g']);
});

test('a proxy that can be revoked is shown by its target, before and after', async () => {
  const script = `const traps = new Proxy({}, { get(_, name) { throw new Error(name) } });
    console.log(Proxy.revocable({ a: 1 }, traps).proxy, [Proxy.revocable([2], traps).proxy]);
    const { proxy, revoke } = Proxy.revocable({ b: 2 }, {});
    revoke();
    console.log(proxy)`;
  assert.deepEqual(await texts(script), ['{ a: 1 } [ [ 2 ] ]', '{ b: 2 }']);
});
