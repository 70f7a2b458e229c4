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
  ["const fs = await import('fs')", /^Use the bindings that were given to the script\./],
  ['enum Level { Low, High }', /^Types are removed, not translated: write enums and namespaces as plain objects/],
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
  ['await Promise.all(queryResources())', /^`Promise\.all` takes a list, and `queryResources\(…\)` gives one Promise: write `await queryResources\(…\)`\.$/],
  ['const all = async () => 1;\nawait Promise.allSettled( all(2) )', /^`Promise\.allSettled` takes a list/],
  ['const all = () => 1; await Promise.all(all())', null],
  ['(await queryResources()).map((r) => { id: r.id, region: r.region })', /^An arrow that gives an object has brackets around it: `=> \(\{ … \}\)`\.$/],
  ["[1].map(() => {\n  'id': 1 })", /^An arrow that gives an object/],
  ['const a = { b: 1 : 2 }', null],
  ['[1].map(() => { again: for (;;) break again; }); const a = { b: 1 : 2 }', null],
  ['const rows = await listAccounts()\n[1, 2].map((n) => n)', /^Line 2 goes on with what stands before it: end that with `;`\.$/],
  ['const load = listAccounts\n\n  (async () => 2)()', /^Line 3 goes on/],
  ["const text = 'a'\n`b`", /^Line 2 goes on/],
  ['const rows = await listAccounts();\n[undefined].map((n) => n.id)', null],
  ['const pick = {}\npick\n.all.map((n) => n)', null],
  ['const f = 1; f(\n[undefined][0].id)', null],
  ['let rows\nrows = await listAccounts()\n[1, 2].map((n) => n)', /^Line 3 goes on/],
  ['// of nobody\n(async () => { await undefined.map(1) })()', null],
  ['const rows = 1; // of nobody\n[undefined].map((n) => n.id)', null],
  ['/* of\n nobody */\n[undefined].map((n) => n.id)', null],
  ['if (true)\n  [undefined].map((n) => n.id)', null],
  ['if (1 &&\n  isNaN(NaN))\n  [undefined].map((n) => n.id)', null],
  ['if (false) 1\nelse\n  [undefined].map((n) => n.id)', null],
  ['for (const n of [1])\n  (undefined).id', null],
  ['const text = `\nconst a = 1\n(${undefined.id})`', null],
  ['const row = {}\n  .id\nrow === 1\n[undefined].map((n) => n.id)', null],
  ["const one = () => { throw new TypeError('one() takes 1 positional argument but 3 were given') }; [1].map(one)", /^`map` gives it the index and the list as well: write `\.map\(\(one\) => one\(one\)\)`\.$/],
  ["const one = () => { throw new TypeError('one takes (id), and was given 3 arguments') }; [1].forEach( one )", /^`forEach` gives it/],
  ["const one = () => { throw new TypeError('one takes (id), and was given 3 arguments') }; one(1, 2, 3); [1].map(only)", null],
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
  ['const p = await page(); for (const one of p) one', /^`page` gives an object, not a list; it has: items, next\.$/],
];

/** What `page` gives is an object with rows within, and what `rows` gives is a list of them. @type {[string, RegExp | null][]} */
const OF_FIELDS = [
  ['const { items } = await page(); items.map((i) => i.created_at.slice(0, 4))', null],
  ['const p = await page(); p.items.map((i) => i.created_at.slice(0, 4))', null],
  ['const p = await page(); for (const i of p.items) i.created_at.slice(0, 4)', null],
  ['const p = await page(); const [i] = p.items; i.created_at.slice(0, 4)', null],
  ['const p = await page(); p.entries.map(Boolean)', /^What `page` gives has no field `entries`; it has: items, next\.$/],
  ['const p = page(); p.items.filter(Boolean)', /^`p` is a Promise: did you forget `await` before `page\(…\)`\?$/],
  ['const { items } = page(); items.filter(Boolean)', /^`page\(…\)` gives a Promise: did you forget `await` before it\?$/],
  ['const { next, items: all } = page(); all.filter(Boolean)', /^`page\(…\)` gives a Promise/],
  ['const { data } = await page(); data.filter(Boolean)', /^What `page` gives has no field `data`; it has: items, next\.$/],
  ['const { next, data: all } = await page(); all[0].filter(Boolean)', null],
  ['const { next, data: all } = await page(); all.filter(Boolean)', /^What `page` gives has no field `data`/],
  ['const { items } = await page(); items[7].title', null],
  ['const { items } = await rows(); items.filter(Boolean)', /^`rows` gives a list, whose rows have: id, title\.$/],
  ['const r = await rows(); r.items.filter(Boolean)', /^`rows` gives a list, whose rows have: id, title\.$/],
  ['const r = await rows(); r[0].owner.name', /^What `rows` gives has no field `owner`; it has: id, title\.$/],
  ['const list = await rows(); list.map((r) => r.owner.name)', /^What `rows` gives has no field `owner`/],
  ['const list = await rows(); for (const r of list) r.owner.name', /^What `rows` gives has no field `owner`/],
  ['const list = await rows(); list.map(async ({ id }) => id); const o = { a: 1 }; o.owner.name', null],
  ['await page(); const p = await rows(); p[0].titel.length', /^What `rows` gives has no field `titel`: did you mean `title`\?$/],
  ['await rows(); const p = await page(); p.entries.map(Boolean)', /^What `page` gives has no field `entries`/],
  ['await page().items.map(Boolean)', /^`page\(…\)` gives a Promise: write `\(await page\(…\)\)`\.$/],
  ['await JSON.parse("{}").items.map(Boolean)', null],
  ['const [a, b] = await page(); a', /^`page` gives an object, not a list; it has: items, next\.$/],
  ['const [a] = await other(); a', null],
  ['const p = await page(); p.split(",")', /^`page` gives an object, not text; it has: items, next\.$/],
  ['JSON.parse(await page())', /^JSON\.parse was given an object/],
  ['for await (const i of page()) i', /^`page\(…\)` gives a Promise/],
  ["const crypto = {}; await crypto.subtle.digest('SHA-256')", /^`crypto\.subtle` is not available here\.$/],
  ["const other = {}; await other.subtle.digest('SHA-256')", null],
  ['print(1)', /^`print` is not available here: use console\.log\.$/],
  ['await sleep(1)', /setTimeout/],
  ['_.uniq([1])', /no modules/],
  ['const { data } = JSON.parse("{}"); data.filter(Boolean)', null],
  ['const { data } = await other(); data.filter(Boolean)', null],
  ['const f = async () => ({}); const { data } = f(); data.filter(Boolean)', /^`f\(…\)` gives a Promise/],
  ['const [a] = []; a.filter(Boolean)', null],
  ['undefined.filter(Boolean)', null],
];

for (const [script, hint] of OF_FIELDS) {
  test(`of fields: ${script} ${hint === null ? 'gets no hint' : `is told ${hint}`}`, async () => {
    const gives = { page: () => ({ items: [{ id: 1, title: 'a' }], next: null }), rows: () => [{ id: 1, title: 'a' }], other: () => 1 };
    const { ending } = await run(worker, script, gives);
    assert.equal(ending.type, 'threw');
    if (hint === null) assert.equal(ending.hint, undefined);
    else assert.match(ending.hint ?? '', hint);
  });
}

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
    for (const tail of ['xyz', 'a.b.c', 'const q = f(); q.map()', 'const q = await f(); q.b.c', 'const q = undefined; q.b']) {
      await run(worker, `/* ${'const '.repeat(2 * n)} ${'a.a'.repeat(2 * n)} ${'const q '.repeat(n)}${'const { q, '.repeat(n)}${'q.q(q '.repeat(n)}*/ ${tail}`, { f: () => 1 });
    }
  };
  assert.ok(await timesAsLong(() => hinted(10_000), () => hinted(1_250)) < MOST_GROWTH);
  const blank = async (/** @type {number} */ n) => {
    const gap = ' '.repeat(4 * n);
    for (const tail of ['const q = await f(); q.b.c', 'const [q] = await f(); q.b.c', 'const q = await f(); for (const r of q) r.b.c', 'const q = await f(); q.map()']) {
      await run(worker, `/* const${gap} const q${gap} f.f(${gap} f.f(async${gap} const {${gap} const { q${gap} */ ${tail}`, { f: () => ({ a: 1 }) });
    }
  };
  assert.ok(await timesAsLong(() => blank(10_000), () => blank(1_250)) < MOST_GROWTH);
  const refused = async (/** @type {number} */ n) => {
    for (const filler of [';\\n ', "'", '(\\"(\\"', '=> await ', 'async (a', '``` ', '; ']) await run(worker, `) ${filler.repeat(n)}`);
    for (const filler of ['=> { a ', "=> { '", '=> ']) await run(worker, `({ a: 1 : 2 }) // ${filler.repeat(n)}`);
  };
  assert.ok(await timesAsLong(() => refused(10_000), () => refused(1_250)) < MOST_GROWTH);
});
