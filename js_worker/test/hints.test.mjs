// Advice where it is sure, and silence where it is not.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { MOST_GROWTH, run, startWorker, timesAsLong } from './worker.mjs';

/** @type {ReturnType<typeof startWorker>} */
let worker;
before(async () => {
  worker = startWorker('context');
  await worker.line();
});
after(() => worker.close());

const BINDINGS = { queryResources: () => [{ id: 'i-1', Tags: { Name: 'x' }, region: 'eu' }], listAccounts: () => ['1', '2'] };

/** @type {[string, RegExp | null][]} */
const CASES = [
  ["await fetch('https://x')", /`fetch` is not available here: a script has no network\. Call one of: queryResources, listAccounts\./],
  ["const fs = require('fs')", /`require` is not available here.*no modules/],
  ['process.env.HOME', /no process/],
  ["Buffer.from('x')", /TextEncoder/],
  ["alert('x')", /console\.log/],
  ['document.title', /no browser/],
  ['window.x', /globalThis/],
  ['await queryResource()', /Did you mean `queryResources`\?/],
  ['await listacounts()', /Did you mean `listAccounts`\?/],
  ['consle.log(1)', /Did you mean `console`\?/],
  ['const total = 1; totl + 1', /Did you mean `total`\?/],
  ['await deleteEverything()', /no function `deleteEverything`\. Call one of: queryResources/],
  ['xyz', null],
  ['const rows = queryResources(); rows.map((r) => r.id)', /`rows` is a Promise: did you forget `await` before `queryResources\(…\)`\?/],
  ['const rows = queryResources();\nfor (const r of rows) r', /`rows` is a Promise/],
  ['queryResources().map((r) => r)', /`queryResources\(…\)` gives a Promise: write `\(await queryResources\(…\)\)`\./],
  ['const load = async () => [1]; const all = load(); all.filter(Boolean)', /`all` is a Promise/],
  ['const plain = {}; plain.map((x) => x)', null],
  ['for (const x of listAccounts()) x', /gives a Promise/],
  ['const [r] = await queryResources(); r.tags.Name', /`queryResources` gives has no field `tags`: did you mean `Tags`\?/],
  ['const [r] = await queryResources(); r.network.id', /has no field `network`; it has: id, Tags, region\./],
  ['const o = {}; o.a.b', null],
  ['await queryResources(); const config = { a: {} }; config.network.id', null],
  ['const [r] = await queryResources(); r.Tags.Owner.name', null],
  ['const rows = await queryResources(); rows[0].network.id', /has no field `network`/],
  ['(await queryResources())[0].network.id', /has no field `network`/],
  ["eval('1')", /eval and Function are not available/],
  ['const a = 1; a = 2', /Declare the variable with `let`/],
  ['function f() { await 1 }', /Write `async` before the function/],
  ["throw new Error('fetch is not defined')", /fetch/],
  ['null.x', null],
  ['await QUERYRESOURCES()', /Did you mean `queryResources`\?/],
  ['const first = 1; const fires = 2; firet', null],
  ['const ac = 1; ab', null],
  ['const total = 1; tutel', null],
  ['const totals = 1; tutels', /Did you mean `totals`\?/],
  ['const total = 1; toatl', /Did you mean `total`\?/],
  ['const rows = String(1); rows.map((r) => r)', null],
  ['const list = () => 1; list().map((r) => r)', null],
];

/** @type {[string, RegExp | null][]} */
const AS_MODELS_WRITE = [
  ['Here it is:\n\n```js\nawait page()\n```\n\nThis counts.', /^Send the code alone, without a Markdown fence/],
  ['```js\nawait page()\n```\nThis counts.', /^Send the code alone/],
  ['```js\nconst a = 1;\n```\nand then\n```js\nreturn 2;\n```', /^Send the code alone/],
  ['```js\nawait page()\n', /^Send the code alone/],
  ['```js\nconst a = ;\n```', null],
  ["const us = ['ann'].map((l) => await page(l));", /^Write `async` before the function/],
  ['const f = l => await page(l);\nawait f(1)', /^Write `async` before the function/],
  ["const f = async (l) => await page(l);\nconst a = 'b;", null],
  ["const f = async l => await page(l); const a = 'b;", null],
  ["const a = 'x => await y';\nconst b = ;", null],
  ['const a = 1;\\nconst b = 2;\\nreturn a + b;', /escaped twice/],
  ["f('x;\\n' 'y')", null],
  ["const a = 'x;\\n';\nconst b = 'y", null],
  ['const p = await page(); p.filter(Boolean)', /^`page` gives an object, not a list; it has: items, next\.$/],
  ['const p = await page(); p.length()', null],
  ['const p = await page(); const q = {}; q.map(Boolean)', null],
  ['const toString = 1; let p = await toString(); p.map(Boolean)', null],
  ['await tools.page()', /^What a script may call stands alone: write `page\(…\)`, without `tools\.`\.$/],
  ['await github.listIssue(1)', /write `listIssues\(…\)`, without `github\.`/],
  ['await github.other(1)', null],
  ["await axios.page('x')", /no network/],
];

for (const [script, hint] of AS_MODELS_WRITE) {
  test(`as models write: ${JSON.stringify(script)} ${hint === null ? 'gets no hint' : `is told ${hint}`}`, async () => {
    const { ending } = await run(worker, script, { page: () => ({ items: [], next: null }), listIssues: () => [] });
    assert.equal(ending.type, 'threw');
    if (hint === null) assert.equal(ending.hint, undefined);
    else assert.match(ending.hint, hint);
  });
}

test('of several bindings the one is named whose field it may be, and none where that is open', async () => {
  const gives = { users: () => ({ name: 'a' }), hosts: () => ({ address: 'b', region: 'c' }) };
  const hint = async (/** @type {string} */ read) => (await run(worker, `const [u, h] = [await users(), await hosts()]; ${read}`, gives)).ending.hint;
  assert.match(await hint('h.adress.x'), /What `hosts` gives has no field `adress`: did you mean `address`\?/);
  assert.equal(await hint('h.network.x'), undefined);
  assert.equal(await hint('u.region.x'), undefined);
});

test('what has many fields is told by the first of them, and without a binding none is named', async () => {
  const wide = () => Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`f${i}`, i]));
  assert.match((await run(worker, 'const w = await wide(); w.network.x', { wide })).ending.hint, /it has: f0, .*, f11, …\.$/);
  assert.match((await run(worker, "fetch('x')")).ending.hint, /no network\.$/);
});

for (const [script, hint] of CASES) {
  test(`${JSON.stringify(script)} ${hint === null ? 'gets no hint' : `is told ${hint}`}`, async () => {
    const { ending } = await run(worker, script, BINDINGS);
    assert.equal(ending.type, 'threw');
    assert.equal(ending.shapes, undefined);
    if (hint === null) assert.equal(ending.hint, undefined);
    else assert.match(ending.hint ?? '', hint);
  });
}

test('a hint takes no longer for a script made to slow it down', async () => {
  const hinted = async (/** @type {number} */ n) => {
    for (const tail of ['xyz', 'a.b.c', 'const q = f(); q.map()']) {
      await run(worker, `/* ${'const '.repeat(2 * n)} ${'a.a'.repeat(2 * n)} ${'const q '.repeat(n)}*/ ${tail}`, { f: () => 1 });
    }
  };
  assert.ok(await timesAsLong(() => hinted(10_000), () => hinted(1_250)) < MOST_GROWTH);
  const refused = async (/** @type {number} */ n) => {
    for (const filler of [';\\n ', "'", '=> await ', 'async (a', '``` ', '; ']) await run(worker, `) ${filler.repeat(n)}`);
  };
  assert.ok(await timesAsLong(() => refused(10_000), () => refused(1_250)) < MOST_GROWTH);
});
