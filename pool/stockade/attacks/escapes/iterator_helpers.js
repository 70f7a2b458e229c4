// attack: lets the helpers of iterators call code of the script from inside the engine
// expect: ok
// uses: probe
const caught = [];
const bad = { __proto__: Iterator.prototype, next() { throw new Error('next'); }, return() { throw new Error('return'); } };
for (const step of [(it) => it.map(null), (it) => it.map((x) => x).next(), (it) => it.flatMap(() => ({})).next(), (it) => it.take(-1), (it) => it.drop(NaN), (it) => Iterator.from({ get next() { throw bad; } }).toArray(), (it) => it.reduce(() => {})]) {
  try { caught.push(step(bad)); } catch (error) { caught.push(error); }
}
for (const error of caught) contained(error);
'contained';
