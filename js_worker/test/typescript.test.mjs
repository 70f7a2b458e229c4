// From TypeScript to a script, with its types taken out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { prepare } from '../stockade_worker/source/prepare.cjs';
import { run, startWorker } from './worker.mjs';

/** @type {ReturnType<typeof startWorker>} */
let worker;
before(async () => {
  worker = startWorker('context');
  await worker.line();
});
after(() => worker.close());

test('a text that is said to be TypeScript has the errors of TypeScript', () => {
  const refused = /** @type {any} */ (prepare('const n: number = (1 + ;', 'typescript'));
  assert.deepEqual([refused.kind, refused.message, refused.line], ['syntax', 'Expression expected', 1]);
});

for (const script of [
  '{ total: 1 as number, rows: [] as string[] }',
  '// what counts\n{ total: (await 1) as number, rows: [] as string[] }; // {}',
  '```ts\n{ total: 1, rows: [] satisfies string[] }\n```',
]) {
  test(`${JSON.stringify(script)} is an object, though as a block it would be none`, async () => {
    assert.deepEqual((await run(worker, script)).ending.value, { total: 1, rows: [] });
  });
}

test('an error in such an object, and in what is none, has its line', async () => {
  const { ending } = await run(worker, '{ total: 1 as number,\n  rows: nope as string[] }');
  assert.deepEqual([ending.line, ending.column], [2, 9]);
  const refused = /** @type {any} */ (prepare('{ total: 1 as number, count: 2,\n  rows: }', 'typescript'));
  assert.deepEqual([refused.kind, refused.message, refused.line], ['syntax', 'Expression expected', 2]);
});

test('a line with #! may stand before TypeScript that returns', async () => {
  const { ending } = await run(worker, '#!/usr/bin/env node\nconst n: number = 8;\nreturn n');
  assert.equal(ending.value, 8);
});

for (const [script, value] of /** @type {[string, any][]} */ ([
  ["import type { A } from 'a'\nconst n: A = await 8;\nreturn n", 8],
  ['// types\nimport type A from "a"; import type * as B from "b" // both\nreturn [8 as A, 9 as B]', [8, 9]],
  ['{ a: 1 as number, b: [await 2] as number[] }', { a: 1, b: [2] }],
  ['{\n  "a": 1 as number,\n  b: ((n: number) => n)(2),\n}', { a: 1, b: 2 }],
  ['{ const n: number = 8; n }', 8],
  ['export interface A { n: number }\nexport const n: number = await 8;\nreturn { n } as A', { n: 8 }],
  ['import type { B } from "b"\nexport type A = B;\nconst text = `\nexport type A\nexport const`;\nreturn text as A', '\nexport type A\nexport const'],
  ['class Row { constructor(n) { this.n = n } }\n[8].map<Row>((n) => new Row(n))', [{ n: 8 }]],
  ['const n = [3, 5].reduce<number>((a, b) => a + b, 0);\nn', 8],
  ['await new Promise<number | string[]>((resolve) => resolve(8))', 8],
  ['const n = await Promise.resolve<{ a: 1 } | 8>(8);\nn', 8],
  ['Number<string | number>(8)', 8],
  ['Number<string|number>(8)', 8],
  ['Number<Set<string | number>>(8)', 8],
  ['Number<Map<A.B, [number, { $_: string }]>>(8)', 8],
  ['Promise.all<[number, string]>([8, "a"])', [8, 'a']],
  ['((a) => a)("b");\nString<"a" | "b">("b")', 'b'],
  ['return [8].reduce<Record<string, number[]>>((all, n) => ({ ...all, n }), {})', { n: 8 }],
])) {
  test(`${JSON.stringify(script)} is TypeScript`, async () => {
    assert.deepEqual((await run(worker, script)).ending.value, value);
  });
}

test('JavaScript that only speaks of a call with a type is JavaScript', async () => {
  assert.equal((await run(worker, 'with ({ a: 8 }) { "f<T>(x)"; a } // f<T>(x)')).ending.value, 8);
  assert.equal((await run(worker, 'const a = 1; a<2')).ending.value, true);
  for (const first of ['', 'await 0;']) assert.equal((await run(worker, `${first}const a = 1, b = 2; a < b > (0)`)).ending.value, true);
  assert.deepEqual([(await run(worker, 'const n = 1, f = 2; f<n>(0)', {}, { language: 'javascript' })).ending.value], [false]);
});

test('what stands between fences of TypeScript is TypeScript, also where it is JavaScript too', async () => {
  const script = 'const same = (n) => n;\nsame<typeof same>(8)';
  assert.deepEqual([(await run(worker, script)).ending.value, (await run(worker, `\`\`\`ts\n${script}\n\`\`\``)).ending.value], [false, 8]);
});

test('a text that is said to be JavaScript has no types, whatever its fence says', () => {
  for (const text of ['const n: number = 8;\nn', '```ts\nconst n: number = 8;\nn\n```']) {
    const refused = /** @type {any} */ (prepare(text, 'javascript'));
    assert.deepEqual([refused.kind, refused.message], ['syntax', 'Missing initializer in const declaration']);
  }
});

test('the place of an error after imports of types is exact', async () => {
  const { ending } = await run(worker, "import type { A } from 'a'; null.x;\nreturn 1 as A");
  assert.deepEqual([ending.name, ending.line, ending.column], ['TypeError', 1, 34]);
  const refused = /** @type {any} */ (prepare("import type { A } from 'a'\nconst n: A = (1 + ;\nreturn n"));
  assert.deepEqual([refused.message, refused.line], ['Expression expected', 2]);
});
