// attack: turns the globals the bridge may look up into accessors
// expect: ok
const looked = [];
const { defineProperty } = Object;
for (const name of ['JSON', 'Object', 'Reflect', 'Array', 'Promise', 'String', 'Number', 'TypeError', 'RangeError', 'Symbol', 'Proxy', 'undefined', 'console', 'emit']) { try { defineProperty(globalThis, name, { configurable: true, get() { looked.push(name); return undefined; } }); } catch { /* locked */ } }
echo({ a: 1 });
setTimeout(() => {}, 1);
fails();
looked.length === 0 ? 'contained' : `ESCAPED: the bridge looked up ${looked}`;
