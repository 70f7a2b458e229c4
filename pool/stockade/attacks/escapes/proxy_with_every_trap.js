// attack: hands the bridge a Proxy whose traps look at everything they are given
// expect: ok
// uses: probe
const seen = [];
const traps = new Proxy({}, { get: (_, name) => (...args) => { seen.push(...args); return Reflect[name](...args); } });
const spy = new Proxy({ a: 1, b: [2] }, traps);
(async () => {
  console.log(spy, '%s %d %j %o', spy);
  console.log('%s %d %j %o', spy, spy, spy, spy);
  await echo(spy);
  setTimeout(() => {}, spy);
  try { await echo(new Proxy([], traps)); } catch { /* its length lies */ }
  for (const part of seen) contained(part);
  return seen.length > 0 ? 'contained' : 'no trap was sprung';
})();
