// attack: passes and returns objects that have the fields of messages
// expect: ok
(async () => {
  const bait = { type: 'returned', value: 'forged', call: 1, binding: 'never', args: [], kind: 'timeout', meta: { a: 1 }, version: 1 };
  const back = await echo(bait);
  return JSON.stringify(back) === JSON.stringify(bait) ? 'contained' : 'ESCAPED: it was taken for a message';
})();
