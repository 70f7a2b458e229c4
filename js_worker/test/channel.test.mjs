// The pipe: lines however they are cut, and an end that is noticed.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CAPS, run, startWorker } from './worker.mjs';

const execute = (/** @type {string} */ script) => JSON.stringify({ type: 'execute', script, bindings: [], console: true, caps: CAPS });

/** @param {import('node:child_process').ChildProcess} child @param {Buffer} bytes */
const writeNow = (child, bytes) => new Promise((resolve) => child.stdin?.write(bytes, resolve));

test('a line may arrive byte by byte, in the midst of a character', async () => {
  const worker = startWorker();
  await worker.line();
  for (const byte of Buffer.from(`${execute("'naïve \u{1f600}'")}\n`)) await writeNow(worker.child, Buffer.of(byte));
  assert.deepEqual(await worker.message(), { type: 'returned', value: 'naïve \u{1f600}' });
  await worker.close();
});

test('lines that arrive together are handled one after the other', async () => {
  const worker = startWorker();
  await worker.line();
  worker.write(`${execute('1')}\n${execute('2')}\n${execute('3')}`);
  assert.deepEqual([(await worker.message()).value, (await worker.message()).value, (await worker.message()).value], [1, 2, 3]);
  await worker.close();
});

test('what follows an answer is over before a timer behind it fires, though both came together', async () => {
  const worker = startWorker();
  await worker.line();
  const script = `const out = [];
    const off = setTimeout(() => out.push('cleared'), 5);
    const fired = new Promise((done) => setTimeout(() => { out.push('timer'); done(); }, 6));
    const first = f().then(() => out.push('first')).then(() => out.push('after it'));
    const second = f().then(() => clearTimeout(off));
    await Promise.all([fired, first, second]);
    out`;
  worker.write({ type: 'execute', script, bindings: ['f'], console: true, caps: CAPS });
  const calls = [await worker.message(), await worker.message(), await worker.message(), await worker.message()];
  const [off, on, first, second] = calls.map((call) => `{"type":"resolve","call":${call.call}}`);
  await writeNow(worker.child, Buffer.from(`${[first, second, off, on].join('\n')}\n`));
  assert.deepEqual(await worker.message(), { type: 'clear', call: 1 }); // though its answer has come
  assert.deepEqual((await worker.message()).value, ['first', 'after it', 'timer']);
  assert.equal(await worker.close(), 0);
});

test('a line may be longer than a pipe holds, both ways', async () => {
  const worker = startWorker();
  await worker.line();
  const long = 'ä'.repeat(300_000);
  const { ending } = await run(worker, `/* ${long} */ '${long}'`);
  assert.equal(ending.value, long);
  await worker.close();
});

test('the beginning of a line that comes with the end of another is kept until its rest is there', async () => {
  const worker = startWorker();
  await worker.line();
  // Longer than all that came before it: the rest is read over where the beginning was.
  const [first, second] = [execute("'first'"), execute(`'${'second'.repeat(1000)}'`)];
  await writeNow(worker.child, Buffer.from(`${first}\n${second.slice(0, 100)}`));
  assert.equal((await worker.message()).value, 'first');
  worker.write(second.slice(100));
  assert.equal((await worker.message())?.value, 'second'.repeat(1000));
  await worker.close();
});

test('a line that has more bytes than a pipe holds, and not as many letters, is written whole', async () => {
  const worker = startWorker();
  await worker.line();
  for (const letters of [21_000, 30_000, 60_000]) assert.equal((await run(worker, `'€'.repeat(${letters})`)).ending.value, '€'.repeat(letters));
  await worker.close();
});

test('U+2028 ends no line', async () => {
  const worker = startWorker();
  await worker.line();
  const { ending } = await run(worker, "console.log('a\u2028b'); 'c\u2029d'");
  assert.equal(ending.value, 'c\u2029d');
  await worker.close();
});

test('a worker whose supervisor closed its end, ends', async () => {
  const worker = startWorker();
  await worker.line();
  assert.equal(await worker.close(), 0);
});

test('a worker whose supervisor reads no more, ends', async () => {
  const worker = startWorker();
  await worker.line();
  worker.child.stdout?.destroy();
  const exited = new Promise((resolve) => worker.child.once('exit', resolve));
  worker.write(execute("for (let i = 0; i < 1e5; i++) console.log('x'.repeat(1000))"));
  assert.equal(await exited, 0);
});

test('a line that is no message ends the worker with its code for that', async () => {
  const worker = startWorker();
  await worker.line();
  const exited = new Promise((resolve) => worker.child.once('exit', resolve));
  worker.write('not JSON');
  assert.equal(await exited, 70);
});

test('a worker that is used again says now and then how many contexts it holds', async () => {
  const worker = startWorker('context');
  await worker.line();
  const told = [];
  for (let i = 1; i <= 33; i += 1) {
    const { ending } = await run(worker, i % 2 === 0 ? '1' : 'throw 1');
    if (ending.contexts !== undefined) told.push(i);
    assert.ok(ending.contexts === undefined || ending.contexts > 1);
  }
  assert.deepEqual(told, [17, 33]);
  await worker.close();
});
