// attack: replaces all that can be called of every built-in by a spy, and has the bridge tell of an error with all that one may hold
// expect: exception
// uses: probe
const { defineProperty } = Reflect;
const { log } = console;
const error = new AggregateError([new Error('one'), 'two'], 'outer', { cause: new TypeError('inner', { cause: 'innermost' }) });
Object.assign(error, { code: 'E1', status: 404, [Symbol('s')]: 1, list: [1, { a: 2 }], long: 'x'.repeat(5000) });
void error.stack;
error.message = 'said otherwise since';
setTimeout(() => {
  try {
    const { arm } = spied();
    for (const key of [0, 1, 'toJSON']) {
      defineProperty(Array.prototype, key, { configurable: true, get: () => undefined, set: () => log(`ESCAPED: a setter of ${key} was called`) });
    }
    arm(true);
  } catch (fault) {
    log(`ESCAPED: not tried, ${fault}`);
  }
  throw error;
}, 1);
