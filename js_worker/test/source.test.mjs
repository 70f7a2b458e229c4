// From the text as it was sent to a script, with exact positions.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { withoutExports } from '../stockade_worker/source/exports.cjs';
import { withoutFence } from '../stockade_worker/source/fence.cjs';
import { importAt } from '../stockade_worker/source/modules.cjs';
import { countLines, placeOf } from '../stockade_worker/source/places.cjs';
import { prepare } from '../stockade_worker/source/prepare.cjs';
import { cpuTime, MOST_GROWTH, run, startWorker, timesAsLong } from './worker.mjs';

/**
 * How many times as long eight times as much takes. What is too short to be timed by itself is done eight times, and makes
 * as much garbage as the other. @param {() => unknown} more @param {() => unknown} less
 */
const growth = async (more, less) => 8 * (await timesAsLong(more, () => Array.from({ length: 8 }, less), cpuTime));

/** @type {ReturnType<typeof startWorker>} */
let worker;
before(async () => {
  worker = startWorker('context');
  await worker.line();
});
after(() => worker.close());

// `@` stands before the place that the error is to name, and is taken out. Each runs plain and with `await`.
const PLACES = [
  '@nope',
  '1;\n@nope',
  '1;\n\n  @nope;\n2',
  'const a = 1;\r\n\t@nope',
  'const a = 1; // \u2028  @nope',
  "const a = '\u{1f600}'; @nope",
  '#!/usr/bin/env node\n@nope',
  'const f = (a) => a.@x;\nf(null)',
  'const f = async () => {\n  throw @new Error("deep")\n};\nf()',
  'Math.max(\n  1,\n  @nope,\n)',
  'class A {\n  go() { return this.#x.@y }\n  #x\n}\nnew A().go()',
  '[1].map((x) =>\n  x.@y.z)'.replace('@y.z', 'y.@z'),
  'if (true) {\n  @nope\n}',
  'for (const x of [1]) @nope',
  'try { 1 } finally { @nope }',
  '({ a: 1 }).@b()',
  '1; @nope; 2',
  '\t\t@nope',
  'throw @new Error("x")',
  '//# sourceURL=other.js\n  @nope',
  'const url = "//# sourceURL=a.js";\n@nope\n//# sourceURL=script.js',
  'throw @new Error("told of:\\n    at script.js:9:9\\n    at f (script.js:8:8)")',
  'const e = @new Error(`x\n    at script.js:1:1`); e.stack; throw e',
];

/** @param {string} marked */
const expected = (marked) => {
  const before = marked.slice(0, marked.indexOf('@')).split(/\r\n|[\n\r\u2028\u2029]/);
  return [before.length, (before.at(-1) ?? '').length + 1];
};

for (const marked of PLACES) {
  for (const [how, tail, options] of [
    ['plain', '', {}],
    ['awaited', '\n;await 0', {}],
    ['as TypeScript', '\n;const typed: number = 1', {}],
  ]) {
    test(`the place of ${JSON.stringify(marked)} is exact, ${how}`, async () => {
      const { ending } = await run(worker, marked.replace('@', '') + tail, {}, /** @type {object} */ (options));
      assert.deepEqual([ending.line, ending.column], expected(marked), JSON.stringify(ending));
    });
  }
}

/** @type {[string, any][]} */
const VALUES = [
  ['1; 2', 2],
  ['if (true) { 3 } else { 4 }', 3],
  ['if (false) { 3 }', undefined],
  ['if (false) { 3 } else { 4 }', 4],
  ['1; { if (false) { 3 } }', undefined],
  ['{ 1; { 5 } }', 5],
  ['try { throw 1 } catch { 6 } finally { 7 }', 6],
  ['switch (2) { case 1: "a"; break; case 2: "b"; break; default: "c" }', 'b'],
  ['let i = 0; while (i < 3) { i++; i * 10 }', 30],
  ['for (let i = 0; i < 3; i++) i', 2],
  ['do { 8 } while (false)', 8],
  ['out: { 9; break out }', 9],
  ['4; const x = 5', 4],
  ['4; {}', 4],
  ['4; { const x = 5; {} }', 4],
  ['try { 4; throw 1 } catch { }', undefined],
  ['for (const i of [1, 2, 3]) if (i === 2) i', undefined],
  ['for (const i of [1, 2, 3]) if (i === 3) i; else -i', 3],
  ['for (const i of [1, 2, 3]) { i; if (i === 3) continue; 7 }', undefined],
  ['for (const i of [1, 2, 3]) { i; if (i === 3) { 8; break } 7 }', 8],
  ['for (const i of [1, 2]) { try { i; if (i === 2) throw i } finally { 7 } break }', undefined],
  ['for (const i of [1, 2]) { try { if (i === 2) throw i; 5 } catch (e) { e * 3 } }', 6],
  ['for (const i of [1, 2]) { i; try { } catch { } }', undefined],
  ['for (const i of [1]) { try { i; null.x } catch { } }', undefined],
  ['for (const i of [1, 2]) switch (i) { case 1: "one" }', undefined],
  ['let n = 0; do { n += 1; { } } while (n < 3)', 3],
  ['for (const i of [1, 2]) { i; for (const j of []) j }', undefined],
  ['for (const i of [1, 2]) { i; inner: while (true) { break inner } }', undefined],
  ['for (const i of [1, 2]) if (i) for (const j of [i]) { j * 5 }\nelse 0', 10],
  ['outer: for (const i of [1, 2]) { i; for (const j of [1, 2]) { if (j === 2) continue outer; 7 } }', undefined],
  ['switch (1) { case 1: 5; case 2: if (true) { } }', undefined],
  ['switch (1) { case 1: 5; case 2: let x; }', 5],
  ['4; a: { }', 4],
  ['4; a: { break a; 5 }', 4],
  ['a: { 4; { break a } 5 }', 4],
  ['a: { 4; if (true) break a; 5 }', undefined],
  ['4; a: b: for (const i of [1]) i', 1],
  ['4; { a: { break a } }', 4],
  ['for (const i of [1, 2, 3]) { try { i } finally { if (i === 2) { 42; break } } }', 42],
  ['for (const i of [1, 2]) { try { i } finally { 42 } }', 2],
  ['a: try { 39 } finally { 42; break a }', 42],
  ['do { try { 39 } finally { continue } } while (false)', undefined],
  ['for (const i of [1, 2]) { try { i } finally { try { 5 } finally { 6; if (i === 1) continue } 7 } }', 2],
  ['for (const i of [1]) { try { try { throw 1 } finally { 5; break } } catch { 6 } }', 5],
  ['for (const i of [1, 2]) { i; with ({}) { } }', undefined],
  ['a: b: for (const i of [1, 2]) { i; continue a }', 2],
  ['a: for (let i = 0; i < 9; i += 1) { i; continue a }', 8],
  ['a: for (const name in { b: 1 }) { name; continue a }', 'b'],
  ['let i = 0; a: while (i < 8) { i += 1; continue a }', 8],
  ['let i = 0; a: do { i += 1; continue a } while (i < 8)', 8],
  ['const _ = 8; for (const i of [1]) { try { i } finally { _; break } }', 8],
  ['for (const i of [1, 2]) { i; a: b: for (const j of [1, 2]) { if (j === 2) break a; continue a } }', undefined],
  ['4; debugger', 4],
  ['4; with ({ a: 9 }) a', 9],
  ['for (const i of [1, 2]) { let n = 0; do { n } while (n++ < 1);(i) }', 2],
  ['4; function f() {}', 4],
  ['const x = 5', undefined],
  ['(1, 2)', 2],
  ['"use strict"; 3', 3],
  ['"text"', 'text'],
  ['1 // and why', 1],
  ['1 /* and */ ; // why', 1],
  ['/re/g.flags', 'g'],
  ["'#!'.length", 2],
  ['const $v = 1, $v0 = 8; $v0', 8],
  ['`a${1}`', 'a1'],
  ['({ a: 1 })', { a: 1 }],
  ['{ a: 1, b: 2 }', { a: 1, b: 2 }],
  ['() => 7', 7],
  ['async function main() { return 8 }', 8],
  ['async function main() { return 8 }\nmain()', 8],
  ['function f() { return 8 }', 8],
  ['// f is what counts\nfunction f() { const f2 = { f: "f" }; return f2.f.length + 7 }', 8],
  ['function f(): number { return 8 }', 8],
  ['async function main() { return 8 }\n// the end\n/* of\nmain */', 8],
  ['function main() { return 8 };', 8],
  ['function main() { return 8 }\nfunction other() { return main() }', 8],
  ['({ "k": 1 });\nfunction main() { return [main].length }', { k: 1 }],
  ['  function main() { return 8 }', 8],
  ['const a = 8; function main() { return a }', 8],
  ['if (true) { } function main() { return 8 }', 8],
  ['async  function main() { return 8 }', 8],
  ['/* what counts */ async function main() { return 8 }', 8],
  ['function main() { return 8 }\n// gives {a} and {b} of it', 8],
  ['\ufefffunction main() { return 8 }', 8],
  ['async function main(left = 2) { return left > 0 ? main(left - 1) : 8 }', 8],
  ['4; function main(next = main) { return next === main ? main(0) : 8 }', 4],
  ['const a = 8;\xa0async\xa0function main() { return a }', 8],
  ['var calls = 0;\nmain(); calls;\nfunction main() { calls += 1 }', 1],
  ['const named = {}; named[main] = 4; function main() { return 8 }', 4],
  ['class Own { #main = 1 }\nfunction main() { return 8 }', 8],
  ['class Own { #main; has(o) { return #main in o } }\nfunction main() { return 8 }', 8],
  ['4; function main(next) { return next ? 8 : main(main) }', 4],
  ['4; function main(next) { return next ? 8 : main.call(null, 1) }', 4],
  ['const a = [, 8];\nfunction main() { return a[1] }', 8],
];

for (const [script, value] of VALUES) {
  test(`${JSON.stringify(script)} has the value ${JSON.stringify(value)}, with await and without`, async () => {
    assert.deepEqual((await run(worker, script)).ending, value === undefined ? { type: 'returned' } : { type: 'returned', value });
    const { ending } = await run(worker, `await 0;${script}`);
    // Without a value of its own the `0` before it counts; and an object literal has to stand alone.
    if (value !== undefined && !script.startsWith('{ a')) assert.deepEqual(ending.value, value);
    if (value === undefined && !script.startsWith('const')) assert.equal(ending.value, undefined);
  });
}

for (const [script, value] of /** @type {[string, any][]} */ ([
  ['{ "a": 1, "b": await 2 }', { a: 1, b: 2 }],
  ['// what counts\n{ "a": 1, "b": [2] }', { a: 1, b: [2] }],
  ['{ a: 1 }', { a: 1 }],
  ['{ a: { b: await 2 } }', { a: { b: 2 } }],
  ['{ a: 1 as number }', { a: 1 }],
  ['{ Math };', { Math: {} }],
  ['{}', {}],
  ['/* a */ { "a": 1 }; // b', { a: 1 }],
  ['{ "a": await (async () => ({ "}": 1 }))() };\n', { a: { '}': 1 } }],
  ['{ a: 1 } // }', { a: 1 }],
  ['{ "a": 1, "b": await 2 } /* as {a, b} */', { a: 1, b: 2 }],
  ['#!/usr/bin/env node\n{ a: 1 }', { a: 1 }],
  ['#!/usr/bin/env node\n{ "a": await 1, "b": 2 }', { a: 1, b: 2 }],
  ['{ a: 1, toJSON() { return 2 } }', 2],
])) {
  test(`${JSON.stringify(script)} is an object`, async () => {
    assert.deepEqual((await run(worker, script)).ending.value, value);
  });
}

for (const [script, value] of /** @type {[string, any][]} */ ([
  ['{ const a = 1; a }', 1],
  ['{ a: for (;;) { 2; break a } }', 2],
  ['{ 3 } { 4 }', 4],
  ['{ await 5 }', 5],
  ['{ a: await 5 }\n4', 4],
  ['{ if (Math) { 6 } }', 6],
  ['{ with (Math) { floor(7.5) } }', 7],
  ['{\n  String()\n  { 8 }\n}', 8],
])) {
  test(`${JSON.stringify(script)} is no object but a block`, async () => {
    assert.deepEqual((await run(worker, script)).ending.value, value);
  });
}

for (const script of [
  'export/* of it */default (8)',
  'export default ("", 8)',
  'export default function () { return 8 }',
  'export default (n = 8) => { return n }\n(0)',
  'main.n = 8;\nexport default function main() { return main.n }',
  'export default (function () { return this === undefined })() ? 8 : 0',
  'export function main() { return 8 }',
  'export async function main() { return await 8 }',
  'function main() { return 8 }\nexport { main };',
  'const main = 1;\nexport function go(): number { return 8 }\nexport { main }',
]) {
  test(`${JSON.stringify(script)} has the value that it would have without "export"`, async () => {
    assert.equal((await run(worker, script)).ending.value, 8);
  });
}

test('exports are taken off in time that grows with the text, not faster', async () => {
  const exported = (/** @type {number} */ n) => {
    const text = 'export const a = 1;\n'.repeat(n);
    const body = Array.from({ length: n }, (_, i) => ({ type: 'ExportNamedDeclaration', specifiers: [], start: i * 20, end: i * 20 + 19, declaration: { start: i * 20 + 7 } }));
    return () => withoutExports(text, { body });
  };
  assert.ok(await growth(exported(64_000), exported(8_000)) < MOST_GROWTH);
});

for (const script of [
  'var here = 8; // without await\nglobalThis.here',
  'var here = 8; for (const n of [1]) { [async () => { await n }].length }\nglobalThis.here',
  'var here = 8; if (here) { async function g() { return await 0 } }\nglobalThis.here',
  'var here = 8; const f = async function () { await 0 };\nglobalThis.here',
]) {
  test(`${JSON.stringify(script)} awaits nothing itself, and is no function's body`, async () => {
    assert.equal((await run(worker, script)).ending.value, 8);
  });
}

// Only Node 24 has `using`.
test('`await using` alone makes a script one that awaits', { skip: !('asyncDispose' in Symbol) || Number(process.versions.node.split('.')[0]) < 24 }, async () => {
  const { ending, console } = await run(worker, '{ await using a = { async [Symbol.asyncDispose]() { console.log("gone") } }; }\n5');
  assert.deepEqual([ending.value, console.map(({ text }) => text)], [5, ['gone']]);
});

test('the place in an object literal that awaits is exact', async () => {
  const { ending } = await run(worker, '{ "a": await 1, "b": nope }');
  assert.deepEqual([ending.name, ending.line, ending.column], ['ReferenceError', 1, 22]);
});

for (const script of [
  'await 0; new Promise(() => {\n  null.x })',
  'await 0; (() => { null.x })',
  'export default () => { null.x }',
  'const $v = await 0; (() => { null.x })',
]) {
  test(`no name of ours is in the stack of ${JSON.stringify(script)}`, async () => {
    const { ending } = await run(worker, script);
    assert.match(ending.stack, /^TypeError: .*\n {4}at script\.js:\d+:\d+/);
  });
}

test('import is found where it loads something, however it is written', () => {
  for (const text of [
    'import("x")', 'import ("x")', 'import\n("x")', 'import\u2028("x")', 'import/**/("x")', 'import// \n("x")', 'import<!-- c\n("x")', 'import\n--> c\n("x")',
    'import.meta', 'import . meta', '[...import("x")]', '`${import("x")}`', 'a?import("x"):1', 'x=>import("x")', 'import\ufeff("x")', '/.*/;import("x")', '1;import("x")', '\u200bimport("x")',
  ]) assert.ok(importAt(text) >= 0, text);
});

test('import is refused where a script begins with it', () => {
  const refused = /** @type {any} */ (prepare('import("x")'));
  assert.deepEqual([refused.kind, refused.line, refused.column], ['syntax', 1, 1]);
});

test('import is not found where it is the name of a property, a part of a word, or plain prose', () => {
  for (const text of ['x.import("y")', 'x?.import("y")', 'important("x")', 'reimport("x")', '$import("x")', 'my_import (1)', '{ import: 1 }', '"to import things"', '// import all of it']) {
    assert.equal(importAt(text), -1, text);
  }
});

for (const script of ['function await(n) { return n + 1 }\nawait (7)', 'const await = 8;\nawait']) {
  test(`${JSON.stringify(script)} has a name that V8 alone takes`, async () => {
    assert.equal((await run(worker, script)).ending.value, 8);
  });
}

test('a text that only speaks of import() gets a message that says so', () => {
  const refused = /** @type {any} */ (prepare('const a = 1;\nconst s = "use import(x)"'));
  assert.deepEqual([refused.kind, refused.line, refused.column], ['syntax', 2, 16]);
  assert.match(refused.hint, /only stands in a text or a comment/);
  assert.match(refused.message, /no files$/);
});

test('the scan for import takes time that grows with the text, not faster', async () => {
  for (const repeated of [(/** @type {number} */ n) => 'import'.repeat(n), (/** @type {number} */ n) => `import${' '.repeat(7 * n)}`, (/** @type {number} */ n) => 'import '.repeat(n), (/** @type {number} */ n) => `${'import\n'.repeat(n)}(`]) {
    assert.ok(await growth(() => importAt(repeated(144_000)), () => importAt(repeated(18_000))) < MOST_GROWTH);
  }
});

test('types of calls are looked for in time that grows with the text, not faster', async () => {
  for (const part of ['a<', 'a<b|', 'a<b<', 'a<{', "a<'", 'a<b[]', '|b<c>', '|{}', 'a<$.']) {
    const text = (/** @type {number} */ n) => `await 0; \`a<b${part.repeat(n)}\``;
    assert.ok(await growth(() => prepare(text(32_000)), () => prepare(text(4_000))) < MOST_GROWTH, part);
  }
});

/** @type {[string, string, boolean][]} */
const FENCED = [
  ['~~~\n1\n~~~', '   \n1\n   ', false],
  ['\n ````js\n1\n \t```\n', '\n       \n1\n     \n', false],
  ['```\r1\r```', '   \r1\r   ', false],
  ['```\r\n\r\n```', '   \r\n\r\n   ', false],
  ['```ts\n1\n```', '     \n1\n   ', true],
  ['``` \tTSX of it\n1\n```', '              \n1\n   ', true],
  ['```typescript\n1\n```', '             \n1\n   ', true],
];

test('a pair of fences is taken off, and what the first of them says is heard', () => {
  for (const [given, text, typescript] of FENCED) assert.deepEqual(withoutFence(given), { text, typescript });
});

test('what is no pair of fences with a line between them stays', () => {
  for (const text of [
    '1\n```', '```\n1', '```\n1\n~~~', '```\n```', '```\r\n```', '`\n1\n```', '```\n1\n`', '~\n1\n~~~', '~~~\n1\n~', '1 ```\n1\n```', '```\n1\n2 ```', '```\n1\n```2',
  ]) assert.deepEqual(withoutFence(text), { text, typescript: false });
});

test('a function that may be the value is looked for in time that grows with the text, not faster', async () => {
  const braces = (/** @type {number} */ n) => () => prepare(`${'}/*'.repeat(n)}*/ x`, 'javascript');
  assert.ok(await growth(braces(16_000), braces(2_000)) < MOST_GROWTH);
});

test('fences are looked for in time that grows with the text, not faster', async () => {
  const texts = [
    (/** @type {number} */ n) => `\`\`\`js\n1\n\`\`\`${' '.repeat(n)}x`,
    (/** @type {number} */ n) => `${'`'.repeat(n)}\n${'`'.repeat(n)}x`,
    (/** @type {number} */ n) => `\`\`\`${'a'.repeat(n)}`,
    (/** @type {number} */ n) => `~~~\n${'~~~\n'.repeat(n)}x`,
  ];
  for (const text of texts) assert.ok(await growth(() => withoutFence(text(36_000)), () => withoutFence(text(4_500))) < MOST_GROWTH);
});

/** @type {[string, number, number, RegExp][]} */
const REFUSED = [
  ['let a = 1;\nlet a = 2', 2, 5, /already been declared/],
  ['const a = { b: 1 }; foo(a', 1, 25, /missing \)/],
  ['foo(1, 2', 1, 8, /missing \)|Unexpected/],
  ['const x = ;', 1, 11, /Unexpected token/],
  ['await (', 1, 8, /Unexpected/],
  ['import x from "y"', 1, 1, /import is not available.*'y'/],
  ['export * from "z"', 1, 1, /import is not available.*'z'/],
  ['export const a = 1;\nconst b = (2;', 2, 13, /Unexpected token/],
  ['export default async function main() {\n  return f(1;\n}', 2, 13, /Unexpected token/],
  ['const a = 1;\nexport { b }', 2, 10, /Export 'b' is not defined/],
  ['if (true) {\n  export const a = 1 }', 2, 3, /top level/],
  ['const n: number = 1;\nenum A { B }', 2, 1, /enum is not supported/],
  ['})(), (() => {', 1, 1, /Unexpected token/],
  ['export enum A { B }', 1, 8, /enum is not supported/],
  ['const n: number = 1;\nlet c = (1 + ;\nn', 2, 14, /Expression expected/],
  ['export const n: number = 1;\nif (n {\n}', 2, 7, /Expected '\)'/],
  ['enum A { B }\nreturn A.B', 1, 1, /enum is not supported/],
  ['const n: number = 1;\nlet n: number = 2', 2, 5, /already been declared/],
  ['const n: number = 1;\nfoo(n', 2, 0, /Expected ',', got '<eof>'/],
  ['const n: number = 1;\n\tlet c: = 1', 2, 0, /Unexpected token `=`/],
  ['const n: number = 1;\nlet s = "日"; let c: = 1', 2, 0, /Unexpected token `=`/],
  ['const n: number = 1;\r\nlet s = "é"; let c: = 1', 2, 21, /Unexpected token `=`/],
  ['const n = 1;\nlet c = (1 + ;\nn', 2, 14, /Unexpected token/],
  ['const s = `a\n\n', 1, 12, /Unterminated/],
  ['foo(1, 2\nbar()', 1, 8, /missing \)/],
  ['if (1) {\n\tfoo(1,\t2\n}', 2, 9, /missing \)/],
  ['return 5 }\n', 1, 10, /Unexpected token/],
  ['interface A { x: number }\nconst b = { x: 1 };\nif (b.x {\n}\n', 3, 9, /Expected '\)'/],
  ['if (true) {\n  foo()\n\n', 4, 1, /Unexpected/],
];

for (const [script, line, column, message] of REFUSED) {
  test(`${JSON.stringify(script)} is refused at its place`, () => {
    const refused = /** @type {any} */ (prepare(script));
    assert.equal(refused.kind, 'syntax');
    assert.match(refused.message, message);
    assert.deepEqual([refused.line, refused.column ?? 0], [line, column]);
  });
}

test('a line ends where JavaScript has it end, and CR and LF together end one', () => {
  const text = 'a\r\nb\rc\nd\u2028e\u2029f';
  assert.deepEqual(['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => placeOf(text, text.indexOf(letter))), [1, 2, 3, 4, 5, 6].map((line) => ({ line, column: 1 })));
  assert.deepEqual([countLines(text), placeOf(text, 2)], [6, { line: 1, column: 3 }]);
});

test('what V8 places on a line of ours is placed in the text', () => {
  for (const text of ['#x in y', '#x']) {
    const refused = /** @type {any} */ (prepare(text));
    assert.deepEqual([refused.kind, refused.line, refused.column], ['syntax', 1, 1]);
  }
});

test('what only V8 refuses is placed in the text, not in what we make of it', () => {
  const refused = /** @type {any} */ (prepare(`await 0;\n1; /${'()'.repeat(70_000)}/`));
  assert.deepEqual([refused.kind, refused.line, refused.column], ['syntax', 2, 4], refused.message?.slice(-100));
  const after = /** @type {any} */ (prepare(`while (await 0) { 1;\n${' '.repeat(40)}/${'()'.repeat(70_000)}/ }`));
  assert.deepEqual([after.kind, after.line, after.column], ['syntax', 2, 41], after.message?.slice(-100));
});

test('a name that is declared twice is refused among many as among few', () => {
  for (const n of [1, 49, 50, 200]) {
    const many = Array.from({ length: n }, (_, i) => `let a${i}`).join('\n');
    const refused = /** @type {any} */ (prepare(`await 0;\n${many}\nlet a0`));
    assert.deepEqual([refused.kind, refused.line, refused.column], ['syntax', n + 2, 5]);
  }
});

test('a script nested so deep that no parser can read it is refused, not fatal', () => {
  for (const script of ['['.repeat(1e5), `await ${'('.repeat(1e5)}`, `${'a='.repeat(1e5)}1;await 1`, `await 1;${'{'.repeat(6e4)}${'}'.repeat(6e4)}`]) {
    const got = /** @type {any} */ (prepare(script));
    assert.ok(got.kind === 'syntax' || got.script !== undefined);
  }
});

test('a script that the parser can read and nested too deep to look for its value in is refused, not fatal', async () => {
  const { ending } = await run(worker, `await 1;${'{1;'.repeat(4000)}${'}'.repeat(4000)}`);
  assert.equal(ending.kind, 'syntax');
});

test('the value of blocks within blocks is looked for in time that grows with the square of their depth, not faster', async () => {
  const blocks = (/** @type {number} */ n) => `await 1;${'{'.repeat(n)}1${'}'.repeat(n)}`;
  assert.ok(await growth(() => prepare(blocks(400)), () => prepare(blocks(50))) < 8 * MOST_GROWTH);
});

test('a script of many parts that ends in a function it never calls is run', async () => {
  assert.equal((await run(worker, `const a = [${'1,'.repeat(130_000)}];\nfunction count() { return a.length }`)).ending.value, 130_000);
});
