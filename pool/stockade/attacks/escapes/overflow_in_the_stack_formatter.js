// attack: reads .stack at every depth near the end of the stack, so that the host's formatter overflows
// expect: ok
// uses: probe
const errors = [];
for (let i = 0; i < 4000; i += 1) errors.push(new Error('x'));
const caught = new Array(4100).fill(null);
let read = 0;
let count = 0;
// No call may stand in the catch: it would overflow itself and lose what was caught.
const recurse = (a) => { try { recurse(a); } catch { /* unwinding */ } if (read < 4000) { try { errors[read++].stack; } catch (leaked) { caught[count++] = leaked; } } };
const frames = [() => recurse(), (a, b, c) => recurse(a, b, c), (a = 1, b = 2, c = 3, d = 4) => recurse(a + b + c + d), (...rest) => recurse(...rest)];
for (let pad = 0; pad < 60; pad += 1) {
  const descend = (left, ...rest) => (left === 0 ? frames[pad % 4]() : descend(left - 1, ...rest));
  descend(pad, 1, 2, pad);
}
for (let i = 0; i < count; i += 1) contained(caught[i]);
'contained';
