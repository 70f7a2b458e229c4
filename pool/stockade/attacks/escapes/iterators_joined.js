// attack: uses the newest helpers of iterators, sets and arrays with hostile feeds
// expect: ok
// uses: probe
const caught = [];
const feed = { next() { return { get done() { throw new Error('done'); } }; }, return() { throw new Error('return'); }, [Symbol.iterator]() { return this; } };
const set = { size: NaN, has() { throw new Error('has'); }, keys() { return feed; } };
for (const act of [() => Iterator.concat?.(feed).next(), () => Iterator.zip?.([feed]).next(), () => new Set([1]).union(set), () => new Set([1]).union({ ...set, size: 1 }), () => new Set([1]).isSubsetOf({ ...set, size: 9 }), () => Object.groupBy(feed, () => 1), () => Map.groupBy([1], () => { throw feed; }), () => [].toSorted(1), () => [1].with(9, 1), () => Array.prototype.toSpliced.call({ length: 2 ** 53 }), () => [3, 1].toSorted(() => { throw feed; }), () => Math.sumPrecise?.(feed), () => Uint8Array.fromBase64?.('*'), () => new Uint8Array(2).setFromHex?.('xyz'), () => new Float16Array(feed), () => String.raw({ raw: feed }), () => 'x'.isWellFormed.call(null), () => new Intl.DurationFormat("??"), () => Temporal.Now]) {
  try { caught.push(act()); } catch (error) { caught.push(error); }
}
for (const it of caught) contained(it);
'contained';
