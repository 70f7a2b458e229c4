// attack: calls a binding at every depth near the end of the stack, for an error of the host or a lost line
// expect: ok
// uses: probe
const caught = [];
const promises = [];
let count = 0;
const recurse = () => { try { recurse(); } catch { /* unwinding */ } if (count < 40) { count += 1; try { promises[count] = echo(count); } catch (leaked) { caught[count] = leaked; } } };
recurse();
(async () => {
  for (const promise of promises) { try { await promise; } catch (error) { contained(error); } }
  for (const leaked of caught) contained(leaked);
  return (await echo('still')) === 'still' ? 'contained' : 'the binding answers wrongly';
})();
