// Which value a script has: that of its last expression, of an object on its own, of what it exports or of its last function.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { run, startWorker } from './worker.mjs';

/** @type {ReturnType<typeof startWorker>} */
let worker;
before(async () => {
  worker = startWorker('context');
  await worker.line();
});
after(() => worker.close());

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
    const { ending: plain } = await run(worker, script);
    delete plain.contexts; // told now and then
    assert.deepEqual(plain, value === undefined ? { type: 'returned' } : { type: 'returned', value });
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

test('an object is one also as the first script that needs a parser', async () => {
  const fresh = startWorker('process');
  await fresh.line();
  assert.deepEqual((await run(fresh, '{ "a": await 1 }', {}, { language: 'javascript' })).ending.value, { a: 1 });
});

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

for (const script of [
  'var here = 8; // without await\nglobalThis.here',
  'var here = [, 8][1]; // without await\nglobalThis.here',
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
