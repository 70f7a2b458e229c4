// attack: leaves an object on a Symbol of the registry, which all contexts of a process share
// expect: ok
const key = Symbol.for('stockade.mailbox');
try { Object.defineProperty(Object.getPrototypeOf(key), 'mail', { value: 'secret' }); key.description; } catch { /* refused */ }
globalThis[key] = 'secret';
'contained';
// then: "contained"
const key = Symbol.for('stockade.mailbox');
globalThis[key] === undefined && key.mail === undefined ? 'contained' : 'ESCAPED: the next run read it';
