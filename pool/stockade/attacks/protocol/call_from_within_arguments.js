// attack: makes a call while the arguments of another are written, so that the numbers come out of order
// expect: ok
// value: ["outer", "inner", "last"]
(async () => {
  let inner;
  const outer = echo({ toJSON() { inner = echo('inner'); return 'outer'; } });
  return [await outer, await inner, await echo('last')];
})();
