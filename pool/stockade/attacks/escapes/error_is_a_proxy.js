// attack: throws a Proxy of an error, with a trap for everything
// expect: exception
// uses: probe
const traps = new Proxy({}, { get: (_, name) => (...args) => { for (const part of args) if (foreign(part)) console.log('ESCAPED: a trap saw the host'); return Reflect[name](...args); } });
throw new Proxy(new Error('x', { cause: new Proxy(new TypeError('y'), traps) }), traps);
