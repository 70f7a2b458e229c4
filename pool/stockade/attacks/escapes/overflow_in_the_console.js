// attack: calls the console at every depth near the end of the stack, for an error of the host
// expect: ok
// uses: probe
const caught = [];
let count = 0;
const recurse = () => { try { recurse(); } catch { /* unwinding */ } if (count < 300) { count += 1; try { console.log('x', { a: [1] }); } catch (leaked) { caught[count] = leaked; } } };
for (let pad = 0; pad < 5; pad += 1) { count = 0; const descend = (left) => (left === 0 ? recurse() : descend(left - 1)); descend(pad); }
for (const leaked of caught) contained(leaked);
'contained';
