// attack: makes up bindings that were not granted
// expect: ok
const names = ['listAccounts', 'queryResources', 'exec', 'setTimeout\u0000', '__proto__', 'constructor', 'toString'];
names.filter((name) => typeof globalThis[name] === 'function' && !['constructor', 'toString', '__proto__'].includes(name)).length === 0 ? 'contained' : 'ESCAPED';
