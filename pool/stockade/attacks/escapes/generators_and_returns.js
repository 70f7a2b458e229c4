// attack: abandons generators at a point where their finally throws
// expect: ok
// uses: probe
const caught = [];
const make = async function* () { try { yield echo(1); yield { then() { throw new Error('then'); } }; } finally { throw new Error('finally'); } };
(async () => {
  try { for await (const value of make()) { caught.push(value); break; } } catch (error) { caught.push(error); }
  try { const it = make(); await it.next(); await it.throw(new Proxy({}, {})); } catch (error) { caught.push(error); }
  try { const it = make(); await it.return({ get then() { throw new Error('get then'); } }); } catch (error) { caught.push(error); }
  for (const error of caught) contained(error);
  return 'contained';
})();
