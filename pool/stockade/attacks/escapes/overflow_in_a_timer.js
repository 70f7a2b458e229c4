// attack: sets timers at every depth near the end of the stack
// expect: ok
// uses: probe
const caught = [];
let count = 0;
const recurse = () => { try { recurse(); } catch { /* unwinding */ } if (count < 40) { count += 1; try { clearTimeout(setTimeout(() => {}, 1)); } catch (leaked) { caught[count] = leaked; } } };
recurse();
for (const leaked of caught) contained(leaked);
'contained';
