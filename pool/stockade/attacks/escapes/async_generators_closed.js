// attack: closes async generators that delegate, with thenables that throw or run out of stack while the engine awaits them
// expect: ok
// uses: probe
const caught = [];
const down = () => down();
const bad = [{ then() { throw new Error('then'); } }, { get then() { return down(); } }, { then: down }, { then(f, g) { g({ then: down }); } }, { get then() { throw Object.assign(new Error('x'), { name: Symbol() }); } }, { then(f) { f(bad[0]); f(bad[1]); } }];
const inner = (it) => ({ [Symbol.asyncIterator]() { return this; }, next: () => ({ value: it, done: false }), return: () => it, throw: () => it });
for (const it of bad) {
  const outer = (async function* () { try { yield* inner(it); } catch (error) { caught.push(error); yield error; } finally { await it; } })();
  for (const step of [() => outer.next(), () => outer.return(it), () => outer.throw(it), () => (async () => { for await (const one of inner(it)) { caught.push(one); break; } })()]) {
    const deep = (left) => { if (left > 0) return deep(left - 1); try { return step(); } catch (error) { caught.push(error); return null; } };
    for (const depth of [0, 2000]) { try { caught.push(await Promise.race([deep(depth), echo('late')])); } catch (error) { caught.push(error); } }
  }
}
for (const it of caught) contained(it);
'contained';
