// attack: writes a secret on what hangs on a host error (by overflow in the formatter), where the next run finds it
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
const found = leak();
if (found) { const { get, set } = Object.getOwnPropertyDescriptor(found, 'stack') ?? {}; for (const part of [get, set, Object.getPrototypeOf(found), found.toString]) { try { part.mail = 'secret'; } catch { /* frozen */ } } }
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
const found = leak();
const mail = [];
if (found) { const { get, set } = Object.getOwnPropertyDescriptor(found, 'stack') ?? {}; for (const part of [get, set, Object.getPrototypeOf(found), found.toString]) if (part?.mail) mail.push(part.mail); }
mail.length === 0 ? 'contained' : `ESCAPED: the next run read ${mail}`;
