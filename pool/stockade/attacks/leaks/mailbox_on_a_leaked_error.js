// attack: writes a secret on what hangs on a host error (by overflow in the formatter), and on what that leads to, where the next run finds it
// expect: ok
// uses: probe
const leak = () => {
  const errors = [];
  for (let i = 0; i < 3000; i += 1) errors.push(new Error('x'));
  const caught = new Array(3100).fill(null);
  let read = 0; let count = 0;
  const recurse = (a) => { try { recurse(a); } catch { /* unwinding */ } if (read < 3000) { try { errors[read++].stack; } catch (leaked) { caught[count++] = leaked; } } };
  for (let pad = 0; pad < 60; pad += 1) { const descend = (left, ...rest) => (left === 0 ? [() => recurse(), (a, b, c) => recurse(a), (a = 1, b = 2, c = 3) => recurse(a), (...rest) => recurse(...rest)][pad % 4]() : descend(left - 1, ...rest)); descend(pad, 1, 2); }
  return caught.find((error) => error !== null && foreign(error));
};
const partsOf = (error) => {
  const { get, set } = Object.getOwnPropertyDescriptor(error, 'stack') ?? {};
  let root = error;
  for (let next = Object.getPrototypeOf(root); next !== null; next = Object.getPrototypeOf(root)) root = next;
  // Called on a text, the host's valueOf makes an object of its own realm: the way to strings, arrays and iterators of it.
  const text = root.valueOf.call('a-b');
  const arrays = Object.getPrototypeOf(text.split('-'));
  const helpers = Object.getPrototypeOf(text[Symbol.iterator]().map((letter) => letter));
  const other = [text, text.split('-').entries(), text.matchAll('a'), text[Symbol.iterator]()].map((it) => Object.getPrototypeOf(it));
  return [get, set, Object.getPrototypeOf(error), error.toString, arrays, arrays[Symbol.unscopables], helpers, helpers.next, helpers.return, ...other];
};
const found = leak();
if (found) { for (const part of partsOf(found)) { try { part.mail = 'secret'; } catch { /* frozen */ } } }
'contained';
// then: "contained"
const leak = () => {
  const errors = [];
  for (let i = 0; i < 3000; i += 1) errors.push(new Error('x'));
  const caught = new Array(3100).fill(null);
  let read = 0; let count = 0;
  const recurse = (a) => { try { recurse(a); } catch { /* unwinding */ } if (read < 3000) { try { errors[read++].stack; } catch (leaked) { caught[count++] = leaked; } } };
  for (let pad = 0; pad < 60; pad += 1) { const descend = (left, ...rest) => (left === 0 ? [() => recurse(), (a, b, c) => recurse(a), (a = 1, b = 2, c = 3) => recurse(a), (...rest) => recurse(...rest)][pad % 4]() : descend(left - 1, ...rest)); descend(pad, 1, 2); }
  return caught.find((error) => error !== null && foreign(error));
};
const partsOf = (error) => {
  const { get, set } = Object.getOwnPropertyDescriptor(error, 'stack') ?? {};
  let root = error;
  for (let next = Object.getPrototypeOf(root); next !== null; next = Object.getPrototypeOf(root)) root = next;
  // Called on a text, the host's valueOf makes an object of its own realm: the way to strings, arrays and iterators of it.
  const text = root.valueOf.call('a-b');
  const arrays = Object.getPrototypeOf(text.split('-'));
  const helpers = Object.getPrototypeOf(text[Symbol.iterator]().map((letter) => letter));
  const other = [text, text.split('-').entries(), text.matchAll('a'), text[Symbol.iterator]()].map((it) => Object.getPrototypeOf(it));
  return [get, set, Object.getPrototypeOf(error), error.toString, arrays, arrays[Symbol.unscopables], helpers, helpers.next, helpers.return, ...other];
};
const found = leak();
const mail = [];
if (found) { for (const part of partsOf(found)) if (part?.mail) mail.push(part.mail); }
mail.length === 0 ? 'contained' : `ESCAPED: the next run read ${mail}`;
