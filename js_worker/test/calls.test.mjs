// Calls of bindings: what of an answer a script sees, and how many there may be.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { CAPS, run, startWorker } from './worker.mjs';

/** @type {ReturnType<typeof startWorker>} */
let worker;
before(async () => {
  worker = startWorker('context');
  await worker.line();
});
after(() => worker.close());

/** What a script comes to whose one call of `f` has this answer. @param {string} script @param {object} answer */
const answered = async (script, answer) => {
  worker.write({ type: 'execute', script, bindings: ['f'], console: true, caps: CAPS });
  worker.write({ ...answer, call: (await worker.message()).call });
  return (await worker.message()).value;
};

test('what a binding says of its error by name stands, whatever its details hold', async () => {
  const script = 'try { await f() } catch (e) { [e.name, e.message, e.code, e.stack.split("\\n")[0], Object.keys(e)] }';
  const details = { name: 'other', message: 'other', stack: 'other', code: 'E2', why: 'full' };
  const refused = { type: 'reject', name: 'Refused', message: 'no', details };
  assert.deepEqual(await answered(script, { ...refused, code: 'E1' }), ['Refused', 'no', 'E1', 'Refused: no', ['code', 'why']]);
  assert.deepEqual(await answered(script, refused), ['Refused', 'no', 'E2', 'Refused: no', ['code', 'why']]);
});

test('what comes with a value is not among its fields, and takes the place of none', async () => {
  const script = 'const it = await f(); [it, it.meta ?? null]';
  const meta = { pages: 2 };
  assert.deepEqual(await answered(script, { type: 'resolve', value: { rows: [1] }, meta }), [{ rows: [1] }, meta]);
  assert.deepEqual(await answered(script, { type: 'resolve', value: { meta: 1 }, meta }), [{ meta: 1 }, 1]);
  for (const value of [5, 'text']) assert.deepEqual(await answered(script, { type: 'resolve', value, meta }), [value, null]);
  assert.equal(await answered('await f()', { type: 'resolve', value: null, meta }), null);
});

test('as many calls may be in flight at once as the limit says, and not one more', async () => {
  const caps = { caps: { ...CAPS, calls_in_flight: 2 } };
  const f = () => 1;
  assert.deepEqual((await run(worker, 'for (let i = 0; i < 3; i += 1) await Promise.all([f(), f()]); 1', { f }, caps)).ending.value, 1);
  worker.write({ type: 'execute', script: 'f(); f(); f(); 1', bindings: ['f'], console: true, ...caps });
  const said = [await worker.message(), await worker.message(), await worker.message()];
  assert.deepEqual(said.map((one) => one.kind ?? one.type), ['call', 'call', 'call_limit']);
});

test('arguments that cannot be sent are refused in the name of the binding', async () => {
  const script = `const caught = [];
    for (const arg of [Symbol(), { toJSON() { throw null } }]) try { await f(arg) } catch (e) { caught.push(e.name + ': ' + e.message) }
    caught`;
  const { value } = (await run(worker, script, { f: () => 1 })).ending;
  for (const told of value) assert.match(told, /^TypeError: f: arguments\[0\] /);
  assert.equal(value.length, 2);
});

test('a function in the arguments of a call that is made as a value is written is none that the value lacks', async () => {
  const script = '({ toJSON() { f(() => 1, { a: () => 2 }).catch(() => {}); return { b: 3 }; } })';
  assert.deepEqual((await run(worker, script, { f: () => 1 })).ending, { type: 'returned', value: { b: 3 } });
});
