// attack: makes every object a thenable while the bridge resolves promises
// expect: ok
// uses: probe
const seen = [];
(async () => {
  Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { seen.push(this); return undefined; } });
  await echo({ a: 1 });
  await echo([1]);
  delete Object.prototype.then;
  for (const part of seen) contained(part);
  return 'contained';
})();
