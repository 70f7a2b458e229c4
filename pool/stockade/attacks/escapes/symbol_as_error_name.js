// attack: makes the formatter of stacks fail on a Symbol, for the host's TypeError
// expect: ok
// uses: probe
const error = new Error('x');
error.name = Symbol('name');
let caught;
try { String(error.stack); } catch (leaked) { caught = leaked; }
const other = new Error(Symbol.iterator.description);
Object.defineProperty(other, 'message', { value: Symbol('message') });
try { String(other.stack); } catch (leaked) { caught ??= leaked; }
contained(caught);
