// attack: lets Array.fromAsync fail at each of its steps
// expect: ok
// uses: probe
(async () => {
  const caught = [];
  const feeds = [{ [Symbol.asyncIterator]() { return { next() { throw 1; } }; } }, { length: 2 ** 53 - 1, get 0() { throw new Error('x'); } }, { [Symbol.iterator]: () => ({ next: () => ({ get value() { throw new TypeError('v'); }, done: false }) }) }, null, { [Symbol.asyncIterator]: 1 }];
  for (const feed of feeds) { try { caught.push(await Array.fromAsync.call(function () { return new Proxy([], { defineProperty: () => false }); }, feed)); } catch (error) { caught.push(error); } }
  for (const error of caught) contained(error);
  return 'contained';
})();
