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

test('exports are taken off in time that grows with the text, not faster', async () => {
  const exported = (/** @type {number} */ n) => {
    const text = 'export const a = 1;\n'.repeat(n);
    const body = Array.from({ length: n }, (_, i) => ({ type: 'ExportNamedDeclaration', specifiers: [], start: i * 20, end: i * 20 + 19, declaration: { start: i * 20 + 7 } }));
    return () => withoutExports(text, { body });
  };
  assert.ok(await growth(exported(64_000), exported(8_000)) < MOST_GROWTH);
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
