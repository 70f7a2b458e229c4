// attack: has disposal fail twice over, for an error that the engine makes itself
// expect: ok
// uses: probe
const caught = [];
if (typeof DisposableStack === 'function') {
  const stack = new DisposableStack();
  for (const text of ['a', 'b', 'c']) stack.defer(() => { throw new Error(text); });
  try { stack.dispose(); } catch (error) { for (let at = error; at; at = at.suppressed) caught.push(at, at.error); }
  const deep = new DisposableStack();
  deep.defer(() => { const down = () => down(); down(); });
  try { deep.dispose(); } catch (error) { caught.push(error); }
}
for (const error of caught) contained(error);
'contained';
