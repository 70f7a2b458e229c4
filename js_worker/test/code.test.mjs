// The worker from compiled code: it must be the same worker. The transcripts are replayed with it in transcripts.test.mjs.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';

import { compiled, FLAGS, run, startWorker } from './worker.mjs';

const FOLDER = new URL('../stockade_worker/', import.meta.url);

/** @param {string} script @param {object} [options] */
const ending = async (script, options = {}) => {
  const worker = startWorker('process', { code: compiled() });
  assert.match((await worker.line()) ?? '', /"ready"/);
  const { ending: end } = await run(worker, script, { later: () => 3 }, options);
  await worker.close();
  return end;
};

test('every module of the worker that it may load is in the one text', () => {
  const { text } = compiled().parts.find((/** @type {any} */ part) => part.name === 'worker');
  const modules = [...readdirSync(FOLDER), ...readdirSync(new URL('source/', FOLDER))].filter((name) => name.endsWith('.cjs'));
  const missing = modules.filter((name) => !text.includes(`"${name}"(module)`));
  assert.deepEqual(missing, ['bundle.cjs', 'main.cjs']);
});

test('no two modules have the same name: the one text knows them by it', () => {
  const modules = [...readdirSync(FOLDER), ...readdirSync(new URL('source/', FOLDER))].filter((name) => name.endsWith('.cjs'));
  assert.equal(new Set(modules).size, modules.length);
});

test('the texts are ASCII, as the worker reads them', () => {
  for (const { name, text } of compiled().parts) assert.match(text, /^[\0-\x7f]*$/, name);
});

// What V8 does not take it compiles anew, and no worker looks: only the time would tell.
test('V8 takes all of the code', () => {
  const program = `
    const { Script } = require('node:vm');
    const parts = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    const rejected = ({ text, data }) => new Script(text, { cachedData: Buffer.from(data, 'base64') }).cachedDataRejected;
    process.stdout.write(parts.map((part) => part.name + ' ' + rejected(part)).join());
  `;
  const { stdout } = spawnSync(process.execPath, [...FLAGS, '-e', program], { input: JSON.stringify(compiled().parts), encoding: 'utf8' });
  assert.equal(stdout.split(',').sort().join(), 'inside false,parser false,worker false');
});

for (const [what, script, options, value] of /** @type {[string, string, object, unknown][]} */ ([
  ['a plain script', '6 * 7', {}, 42],
  ['a script that needs the parser', 'const n = await later(); n + 1', {}, 4],
  ['TypeScript', 'const n: number = 5; n', {}, 5],
  ['a script that uses the web names', "new URL('https://a.b/c').host", {}, 'a.b'],
])) {
  test(`${what} runs from code`, async () => {
    const { type, value: got } = await ending(script, options);
    assert.deepEqual([type, got], ['returned', value]);
  });
}

test('an error from code has its hint and no path of the machine', async () => {
  const threw = await ending('fetch("x")');
  assert.equal(threw.type, 'threw');
  assert.ok(threw.hint);
  assert.doesNotMatch(JSON.stringify(threw), /stockade_worker|\.cjs/);
});

test('what is compiled holds no path of the machine', () => {
  const folder = FOLDER.pathname.slice(0, -1);
  for (const { name, text } of compiled().parts) assert.ok(!text.includes(folder), name);
});
