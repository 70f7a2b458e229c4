// One run in a worker that goes on living: what it may do, and what it leaves behind.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { CAPS, plain, run, startWorker } from './worker.mjs';

/** @type {ReturnType<typeof startWorker>} */
let worker;
before(async () => {
  worker = startWorker('context');
  await worker.line();
});
after(() => worker.close());

/** @param {string} script @param {Record<string, (...args: any[]) => any>} [answers] @param {object} [options] */
const ending = async (script, answers, options) => (await run(worker, script, answers, options)).ending;

/** A script, the name and message it ends with. @type {[string, string, string, string][]} */
const FAULTS = [
  ['an uncaught error', "throw new TypeError('x')", 'exception', 'TypeError: x'],
  ['a thrown text', "throw 'x'", 'exception', 'thrown value: x'],
  ['a thrown nothing', 'throw undefined', 'exception', 'thrown value: undefined'],
  ['an error in a timer', "setTimeout(() => { throw new Error('late') }, 1)", 'exception', 'Error: late'],
  ['an error of a function that is called for its result', "() => { throw new Error('of it') }", 'exception', 'Error: of it'],
  ['a function that a called function gives', '() => () => 5', 'unserializable', 'TypeError: the value is a function, which JSON cannot hold'],
  ['a function that gives itself', 'const f = () => f; f', 'unserializable', 'TypeError: the value is a function, which JSON cannot hold'],
  ['a lost rejection', "Promise.reject(new Error('lost')); 1", 'exception', 'Error: lost'],
  ['a lost rejection later on', "later().then(() => { throw new Error('lost') }); await later(); await later(); 1", 'exception', 'Error: lost'],
  ['an async function nobody waited for', "const f = async () => { await later(); throw new Error('lost') }; f(); await later(); await later(); 1", 'exception', 'Error: lost'],
  ['a wait without end', 'await new Promise(() => {})', 'deadlock', 'Error: the script waits for a promise that nothing can settle: no call and no timer is left'],
  ['a wait whose timer was cleared', 'await new Promise((go) => clearTimeout(setTimeout(go, 1e6)))', 'deadlock', 'Error: the script waits for a promise that nothing can settle: no call and no timer is left'],
  ['eval', "eval('1')", 'exception', 'EvalError: Code generation from strings disallowed for this context'],
  ['Function', "Function('return 1')()", 'exception', 'EvalError: Code generation from strings disallowed for this context'],
  ['an endless recursion', 'const f = () => f(); f()', 'exception', 'RangeError: Maximum call stack size exceeded'],
  ['too long a text', "'x'.repeat(2 ** 30)", 'exception', 'RangeError: Invalid string length: 1073741824'],
  ['an error whose name throws', "const e = new Error('m'); Object.defineProperty(e, 'name', { get() { throw 1 } }); throw e", 'exception', 'Error: m'],
  ['an error whose name is a symbol', "const e = new Error('m'); e.name = Symbol(); throw e", 'exception', 'Error: m'],
];

for (const [what, script, kind, text] of FAULTS) {
  test(`${what} ends the run as ${kind}`, async () => {
    const threw = await ending(script, { later: () => 0 });
    assert.deepEqual([threw.kind, `${threw.name}: ${threw.message}`.replace(/: 1073741824$/, '')], [kind, text.replace(/: 1073741824$/, '')]);
    assert.doesNotMatch(threw.stack ?? '', /file:|node:|stockade|\/work|main\.mjs/);
  });
}

test('a thrown value is never touched by the host, and its own code runs where nobody is hurt', async () => {
  for (const value of [
    '{ toString() { throw 1 }, [Symbol.toPrimitive]() { throw 2 }, get name() { throw 3 }, get stack() { throw 4 }, get then() { throw 5 } }',
    'new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 }, ownKeys() { throw 3 }, has() { throw 4 }, getOwnPropertyDescriptor() { throw 5 } })',
    'new Proxy(new Error(), { get() { throw 1 } })',
    'Object.create(null)',
    'Object.create(Error.prototype, { message: { get() { throw 1 } }, cause: { get() { throw 1 } }, errors: { get() { throw 1 } } })',
    'Object.assign(new Error(), { cause: new Proxy(new Error(), { get() { throw 1 } }) })',
  ]) {
    for (const script of [`throw ${value}`, `Promise.reject(${value}); 1`, `setTimeout(() => { throw ${value} }, 1)`, `await Promise.reject(${value})`]) {
      assert.equal((await ending(script)).kind, 'exception', script);
    }
  }
});

test('what is thrown is looked at as often as what a promise is rejected with: by the context itself, and not by Node', async () => {
  const value = "Object.defineProperty(new Error('m'), 'stack', { get() { console.log('read') }, set() { console.log('set') } })";
  const told = async (/** @type {string} */ script) => (await run(worker, script)).said.map(plain);
  assert.deepEqual(await told(`throw ${value}`), await told(`await Promise.reject(${value})`));
});

test('nothing of a run acts in the next', async () => {
  await ending(`
    Object.prototype.then = Array.prototype.push = 1; globalThis.left = 1; Symbol.for('left').description;
    const spin = () => Promise.resolve().then(() => { console.log('spun'); if (n++ < 3) spin() }); let n = 0;
    setInterval(() => console.log('tick'), 1); later().then(() => console.log('answered'));
    const again = () => { later(); Promise.resolve().then(() => {}) ; }; again(); 1`, { later: () => 0 });
  // An answer that crossed the ending on its way.
  worker.write({ type: 'resolve', call: 1, value: null });
  const { said } = await run(worker, 'await later(); [typeof left, typeof Object.prototype.then, [].push(1)]', { later: () => 0 });
  assert.deepEqual(said.slice(1).map(plain), [{ type: 'returned', value: ['undefined', 'undefined', 1] }]);
});

test('a rejected promise that Node cannot look at ends its run, and from then on its worker says that it is worn', async () => {
  const spoilt = startWorker('context');
  await spoilt.line();
  const { said } = await run(spoilt, 'Object.setPrototypeOf(Promise.reject(1), new Proxy({}, { get() { throw 2 } })); 3');
  const message = 'a promise was rejected, and Node could not look at it';
  assert.deepEqual(said, [{ type: 'threw', kind: 'exception', name: 'thrown value', message, worn: true }]);
  assert.deepEqual((await run(spoilt, '1 + 1')).said, [{ type: 'returned', value: 2, worn: true }]);
  assert.equal(await spoilt.close(), 0);
});

test('a function of the script that is called by one of ours does not learn by which', async () => {
  const script = `const met = [];
    function asked() { met.push(asked.caller); return 1; }
    const one = Object.defineProperty({ toJSON: undefined }, 'a', { enumerable: true, get: asked });
    console.log('%s', { toString: asked }); setTimeout(asked, 1); queueMicrotask(asked);
    await f(one, { toJSON: asked }); await new Promise((go) => setTimeout(go, 2));
    [met.length > 3, met.filter((caller) => caller !== null).length]`;
  assert.deepEqual((await ending(script, { f: () => 1 })).value, [true, 0]);
});

test('a run ends once, whatever it does in the turn it ends in', async () => {
  const { said } = await run(worker, `
    Promise.resolve().then(() => { throw new Error('first') });
    Promise.resolve().then(() => { Promise.reject(new Error('second')); console.log('still here') });
    setTimeout(() => {}, 1);
    'value'`);
  assert.deepEqual(said.map((one) => one.type), ['call', 'console', 'threw']);
  assert.equal(said[2].message, 'first');
  assert.deepEqual((await run(worker, '1 + 1')).said.map(plain), [{ type: 'returned', value: 2 }]);
});

test('neither a line nor a number can be forged', async () => {
  const { said } = await run(worker, `
    const line = '\\n{"type":"returned","value":"forged"}\\n';
    console.log(line); console.log('\\u2028' + line);
    JSON.stringify = () => line; JSON.rawJSON = () => line; String.prototype.toJSON = () => line; Number.prototype.toString = () => '7';
    const odd = { toJSON() { return { [line]: line } } };
    await f(odd, line); 
    throw Object.assign(new Error(line), { name: line, [line]: line })`, { f: () => 1 });
  assert.deepEqual(said.map((one) => one.type), ['console', 'console', 'call', 'threw']);
  assert.equal(said[2].call, 1);
  const raw = await ending("typeof JSON.rawJSON === 'function' ? [JSON.rawJSON('1e1000')] : 0");
  assert.notEqual(raw.type, 'threw');
});

test('a recursion that logs and calls until the stack is used up loses lines, and tears none', async () => {
  for (let size = 0; size < 24; size += 1) {
    const { said, ending: threw } = await run(worker, `
      const rows = Array(${size}).fill(0);
      let depth = 0;
      const f = (...args) => { depth += 1; if (depth > 2000) { console.log('at', depth); f2(depth).catch(() => {}); } f(...args); };
      try { f(...rows); } catch (e) { if (!(e instanceof RangeError)) throw e; }
      'survived'`, { f2: () => 1 }, { caps: { result_bytes: 1000, line_bytes: 1 << 20, call_bytes: 1 << 20, calls: 1e6, calls_in_flight: 1e6 } });
    // Where the last call has room to be refused and `.catch` has none to be called, its rejection is lost: the script's fault.
    if (threw.message !== 'Maximum call stack size exceeded') assert.equal(threw.value, 'survived');
    const calls = said.filter((one) => one.type === 'call').map((one) => one.call);
    assert.deepEqual(calls, calls.map((_, i) => i + 1));
  }
});

test('a loop that only makes calls stops at the limit, even if nothing waits for them', async () => {
  const threw = await ending('let n = 0;\nfor (;;) { n += 1; f(n) }', { f: () => 1 });
  assert.deepEqual([threw.kind, threw.line, threw.column], ['call_limit', 2, 20]);
});

test('a limit that is passed while the value is read counts more than the value, and than what is wrong with it', async () => {
  for (const value of ['5', "'x'.repeat(2e6)"]) {
    const script = `({ toJSON() { try { for (;;) f().catch(() => {}) } catch { return ${value} } } })`;
    const { said, ending: threw } = await run(worker, script, { f: () => 1 }, { caps: { ...CAPS, calls: 3 } });
    assert.deepEqual([threw.type, threw.kind], ['threw', 'call_limit']);
    assert.equal(said.length, 3 + 1);
  }
});

test('texts that end a run are cut so that the ending fits the smallest line', async () => {
  const caps = { result_bytes: 1024, line_bytes: 64 * 1024, call_bytes: 64 * 1024, calls: 10, calls_in_flight: 10 };
  for (const script of [
    "throw new Error('\\u0001'.repeat(1e6))",
    "throw 'ü'.repeat(1e6)",
    "const e = new Error('x'.repeat(1e5)); e.name = 'y'.repeat(1e5); e.stack; throw e",
    "let e = new Error('\\u0001'.repeat(1e5)); for (let i = 0; i < 50; i++) e = new Error('\\u0002'.repeat(1e5), { cause: e }); throw e",
    "throw Object.assign(new AggregateError(Array(1000).fill('\\u0003'.repeat(1e5)), 'm'), Object.fromEntries(Array(100).fill(0).map((_, i) => ['k' + i, '\\u0004'.repeat(1e5)])))",
    "console.log('\\u0001'.repeat(1e6)); console.log({ ['\\u0001'.repeat(1e5)]: Array(1000).fill('\\u0001'.repeat(1e4)) })",
  ]) {
    const { said } = await run(worker, script, {}, { caps });
    for (const one of said) assert.ok(Buffer.byteLength(JSON.stringify(one)) < caps.line_bytes, `${script}: ${JSON.stringify(one).length}`);
  }
});

test('what the parser says of a name is cut between two letters, not in the midst of one', async () => {
  const name = '\u{20bb7}'.repeat(5000);
  for (const script of [`let ${name}; let ${name}`, `let a${name}; let a${name}`]) {
    const { kind, message } = await ending(script);
    assert.deepEqual([kind, message.isWellFormed(), message.endsWith(' more characters)')], ['syntax', true, true]);
  }
});

test('what the parser says may be so long, and of what is longer it is told how much is left out', async () => {
  const said = async (/** @type {number} */ letters) => (await ending(`let ${'a'.repeat(letters)}; let ${'a'.repeat(letters)}`)).message;
  const most = 8192 - ((await said(1)).length - 1);
  assert.equal((await said(most)).length, 8192);
  assert.match(await said(most), /a' has already been declared$/);
  assert.match(await said(most + 12), /a' has already b… \(12 more characters\)$/);
});

test('timers know what they are in Node and in a browser', async () => {
  const { ending: got } = await run(worker, `
    const order = [];
    const t = setTimeout((a, b) => order.push(a + b), 5, 'x', 'y');
    const i = setInterval(() => { order.push('i'); if (order.length > 3) clearInterval(i) }, 1);
    clearTimeout(setTimeout(() => order.push('never'), 1)); clearTimeout(+setTimeout(() => order.push('never'), 1)); clearTimeout(undefined); clearTimeout(99);
    setTimeout(() => order.push('unref'), 1).unref();
    await new Promise((go) => setTimeout(go, 9)); await new Promise((go) => setTimeout(go, 9)); await new Promise((go) => setTimeout(go, 9));
    [typeof t, t > 0, t.hasRef(), order.filter((x) => x !== 'i').join()]`);
  assert.deepEqual(got.value, ['object', true, true, 'xy,unref']);
});

/** What a run does with one timer that would log, and whether it waits for it. @type {[string, string][]} */
const WAITED = [
  ['', 'call console returned'], ['t.ref()', 'call console returned'], ['t.unref()', 'call returned'], ['t.unref().unref()', 'call returned'],
  ['t.unref().ref().ref()', 'call console returned'], ['t.unref(); clearTimeout(t); t.unref().ref()', 'call clear returned'], ['t.close().close()', 'call clear returned'],
  ['clearTimeout(String(+t))', 'call clear returned'], ["clearTimeout('toString'); clearTimeout(null); clearTimeout({})", 'call console returned'],
];

for (const [script, said] of WAITED) {
  test(`a run waits for its timers, no longer and no less, after ${script === '' ? 'one is set' : script}`, async () => {
    const all = await run(worker, `const t = setTimeout(() => console.log('late'), 1);\n${script};\nundefined`);
    assert.equal(all.said.map((one) => one.type).join(' '), said);
  });
}

test('an interval that is not waited for keeps no run, however often it was armed again', async () => {
  assert.equal((await ending('setInterval(() => {}, 1).unref(); for (let i = 0; i < 3; i += 1) await later(); undefined', { later: () => 0 })).type, 'returned');
});

test('a timer asks for whole milliseconds that fit 32 bits, or for one', async () => {
  const delays = ['0', '2.9', "'7'", '2 ** 31 - 1', '2 ** 31', 'Infinity', 'NaN', '-5', '5n', 'Symbol()', 'undefined'];
  const { said } = await run(worker, `for (const ms of [${delays}]) setTimeout(() => {}, ms).unref(); undefined`);
  const asked = said.filter((one) => one.type === 'call').map((one) => one.args[0]);
  assert.deepEqual(asked, [1, 2, 7, 2 ** 31 - 1, 1, 1, 1, 1, 1, 1, 1]);
});

test('nothing but the timers that were set is a timer', async () => {
  const script = `const t = setTimeout(() => {}, 1);
    const faults = [];
    for (const name of ['ref', 'unref', 'hasRef', 'close']) try { Object.create(t)[name]() } catch (error) { faults.push(error.name) }
    [t.constructor === Object, Object.hasOwn(Object.getPrototypeOf(t), 'constructor'), faults.join()]`;
  assert.deepEqual((await ending(script)).value, [true, false, 'TypeError,TypeError,TypeError,TypeError']);
});

test('what a callback of a timer calls is on its way before the next one begins, which may never end', async () => {
  const busy = startWorker();
  await busy.line();
  busy.write({ type: 'execute', script: 'setTimeout(() => f(), 1); setTimeout(() => { for (;;); }, 1)', bindings: ['f'], console: true, caps: CAPS });
  for (let i = 0; i < 2; i += 1) await busy.message();
  busy.write('{"type":"resolve","call":1,"value":null}\n{"type":"resolve","call":2,"value":null}');
  assert.equal((await busy.message()).binding, 'f');
});

test('calls that are many are on their way before the script comes to wait for them, which it may never do', async () => {
  const busy = startWorker();
  await busy.line();
  busy.write({ type: 'execute', script: 'for (let i = 0; i < 50; i += 1) f(i); for (;;);', bindings: ['f'], console: true, caps: CAPS });
  for (let i = 0; i < 25; i += 1) assert.deepEqual((await busy.message()).args, [i]);
  busy.child.kill('SIGKILL');
});

test('promises have their turn between two timers that are due at once, as in Node', async () => {
  worker.write({ type: 'execute', bindings: [], console: true, caps: CAPS, script: `
    for (const name of ['a', 'b']) setTimeout(() => { console.log(name); Promise.resolve().then(() => console.log(name + ' then')) }, 1)` });
  assert.deepEqual([(await worker.message()).call, (await worker.message()).call], [1, 2]);
  worker.write('{"type":"resolve","call":1,"value":null}\n{"type":"resolve","call":2,"value":null}');
  const said = [];
  for (let i = 0; i < 4; i += 1) said.push((await worker.message()).text);
  assert.deepEqual(said, ['a', 'a then', 'b', 'b then']);
  assert.deepEqual(plain(await worker.message()), { type: 'returned' });
});

test('what a run does depends on the order of its answers, not on how many come together', async () => {
  const steps = 'const said = [], later = (p, n) => (n === 0 ? p : later(p.then((x) => x), n - 1));';
  for (const [script, lines, got] of /** @type {[string, string[], any][]} */ ([
    // The first has a longer way to go, and is there first all the same.
    ['await Promise.all([later(f(), 3).then((x) => said.push(x)), f().then((x) => said.push(x))]); said',
      ['{"type":"resolve","call":1,"value":1}', '{"type":"resolve","call":2,"value":2}'], [1, 2]],
    ['await Promise.race([later(f(), 9), f()])',
      ['{"type":"resolve","call":1,"value":1}', '{"type":"resolve","call":2,"value":2}'], 1],
    ['const all = [f(), f()]; all[1].then(console.log); await all[0]', // the second comes too late, as it would later on
      ['{"type":"resolve","call":1,"value":1}', '{"type":"resolve","call":2,"value":2}'], 1],
    ['const all = [f(), f()]; try { for (const one of all) await one } catch (e) { "caught" }', // nobody waits for the second yet
      ['{"type":"reject","call":2,"name":"E","message":"lost"}', '{"type":"resolve","call":1,"value":1}'], 'lost'],
  ])) {
    for (const together of [true, false]) {
      worker.write({ type: 'execute', script: steps + script, bindings: ['f'], console: true, caps: CAPS });
      for (let i = 0; i < 2; i += 1) assert.equal((await worker.message()).type, 'call');
      if (together) worker.write(lines.join('\n'));
      else for (const line of lines) worker.write(line);
      const ending = await worker.message();
      assert.deepEqual(ending.value ?? ending.message, got, `${script}, together: ${together}`);
    }
  }
});

test('an error of a binding says which call it was; after many calls, where it was awaited', async () => {
  const script = `const ask = async (n) => {
  for (let i = 0; i < n; i += 1) await f(0);
  const asked =   f(1);
  return await    asked;
};
const both = async (n) => {
  const all =     await Promise.all([ask(n)]);
  return all;
};
await both(COUNT)`;
  const f = (/** @type {number} */ x) => { if (x === 1) throw new RangeError('no'); };
  const early = await ending(script.replace('COUNT', '2'), { f });
  const late = await ending(script.replace('COUNT', '50'), { f });
  assert.deepEqual([early.name, early.message, early.line, early.column], ['RangeError', 'no', 3, 19]);
  assert.deepEqual([late.name, late.message, late.line, late.column], ['RangeError', 'no', 4, 10]);
  assert.equal(late.stack, `RangeError: no
    at async ask (script.js:4:10)
    at async both (script.js:7:19)
    at script.js:10:1`);
  const lost = await ending('for (let i = 0; i < 50; i += 1) await f(0);\nf(1); await f(0)', { f });
  assert.deepEqual([lost.kind, lost.name, lost.message], ['exception', 'RangeError', 'no']);
  const caught = await ending(`for (let i = 0; i < 50; i += 1) await f(0);
    Promise.prototype.then = Promise.prototype.constructor = () => { throw 1 };
    try { await f(1) } catch (error) { [error instanceof RangeError, error.name] }`, { f });
  assert.equal(caught.type, 'returned');
});

test('calls made on the way back from the end of the stack are made whole or not at all', async () => {
  for (const size of [1, 100, 3000]) {
    const { said, ending: threw } = await run(worker, `
      f('x'.repeat(900)); // what waits is much with the next
      let made = 0;
      const arg = 'x'.repeat(${size});
      const walk = (k) => { try { return walk(k + 1) } catch (e) { if (made < 150) { made += 1; f(arg).catch(() => {}) } throw e } };
      try { walk(0) } catch {}
      made`, { f: () => 1 }, { caps: { result_bytes: 1000, line_bytes: 1 << 20, call_bytes: 1 << 20, calls: 1e6, calls_in_flight: 1e6 } });
    assert.equal(threw.value, 150);
    const calls = said.filter((one) => one.type === 'call').map((one) => one.call);
    assert.deepEqual(calls, calls.map((_, i) => i + 1));
  }
});

test('lines logged on the way back from the end of the stack are lost or whole, however long, and no error of the host comes back', async () => {
  for (const size of [1, 5000, 30_000]) {
    const { said, ending: done } = await run(worker, `
      const line = 'x'.repeat(${size});
      let back = 0, strange = 0;
      const walk = (...args) => { try { walk(...args) } catch {} back += 1; if (back < 160) { try { console.log(line) } catch (error) { if (!(error instanceof Error)) strange += 1 } } };
      for (let pad = 0; pad < 40; pad += 1) { back = 0; walk(...Array(pad + 1).fill(1)) }
      console.log(line);
      strange`);
    assert.equal(done.value, 0);
    assert.equal(said.at(-2)?.type, 'console');
    assert.ok(said.every((one) => one.type !== 'console' || one.text.length === size));
  }
});

test('the traps of a function that is a proxy are called as the language has it', async () => {
  const { ending: done } = await run(worker, `
    class Handler {
      #own = 1;
      apply(target, self, args) { return [this.#own, self, args instanceof Array, ...args]; }
      construct(target, args, made) { return { count: args.length, same: made === Made }; }
      get(target, key, receiver) { return key === 'own' ? this.#own : Reflect.get(target, key, receiver); }
    }
    const Made = new Proxy(class { static f = 2 }, new Handler());
    const frozen = new Proxy((a) => a, Object.freeze({ apply: (target, self, args) => 10 * target(...args) }));
    const asked = [];
    const plain = Proxy.revocable((a) => a, new Proxy({}, { get(target, key) { asked.push(key) } })).proxy;
    const faults = [];
    for (const wrong of [() => new Proxy(() => 1, null), () => new Proxy(() => 1, { apply: 5 })()]) try { wrong() } catch (error) { faults.push(error.name) }
    ({ called: Made.call(3, 4), made: new Made(5, 6), read: [Made.own, Made.f], frozen: frozen(2), plain: [plain(7), ...asked], faults })`);
  assert.deepEqual(done.value, {
    called: [1, 3, true, 4], made: { count: 2, same: true }, read: [1, 2], frozen: 20, plain: [7, 'apply'], faults: ['TypeError', 'TypeError'],
  });
});

test('Proxy is what it is in Node, to those who do not construct one', async () => {
  const { ending: got } = await run(worker, `
    const faults = [];
    for (const wrong of [() => Proxy({}, {}), () => { class Sub extends Proxy {} }, () => { new Proxy({}) }]) try { wrong() } catch (error) { faults.push(error instanceof TypeError) }
    [Proxy.name, Proxy.length, typeof Proxy.prototype, Object.keys(Proxy), ...faults]`);
  assert.deepEqual(got.value, ['Proxy', 2, 'undefined', [], true, true, true]);
});

test('a chain of causes is told as far as it goes, once around', async () => {
  const causes = async (/** @type {string} */ made) => (await run(worker, `${made}; throw a`)).ending.cause;

  assert.deepEqual(await causes("const a = new Error('a'); a.cause = a"), undefined);
  assert.deepEqual(await causes("const a = new Error('a'); a.cause = new Error('b', { cause: a })"), ['Error: b']);
  assert.deepEqual(await causes("const a = new Error('a', { cause: new Error('b', { cause: 'c' }) })"), ['Error: b', 'c']);
});

test('of what an error carries along so much is told, and no more', async () => {
  const { ending: threw } = await run(worker, `
    let error = new Error('the first');
    for (let i = 0; i < 50; i += 1) error = new AggregateError(Array(50).fill(i), 'e', { cause: error });
    error.name = 'n'.repeat(1000);
    error['k'.repeat(1000)] = 'v'.repeat(2000);
    for (let i = 0; i < 50; i += 1) error['k' + i] = i;
    throw error`);
  /** @param {string} letter @param {number} kept @param {number} all */
  const cut = (letter, kept, all) => `${letter.repeat(kept)}… (${all - kept} more characters)`;
  assert.equal(threw.name, cut('n', 200, 1000));
  assert.deepEqual([threw.cause.length, threw.errors.length, Object.keys(threw.fields).length], [8, 20, 20]);
  assert.deepEqual(Object.entries(threw.fields)[0], [cut('k', 200, 1000), cut('v', 1000, 2000)]);
});
