// attack: returns and passes objects with an own property named __proto__
// expect: ok
// value: {"a": {"__proto__": {"admin": true}}, "b": true, "c": ["__proto__"]}
(async () => {
  const bait = JSON.parse('{"__proto__":{"admin":true}}');
  const back = await echo(bait);
  return { a: new Map([['__proto__', { admin: true }]]), b: ({}).admin === undefined && back.admin === undefined && Object.getPrototypeOf(back) === Object.prototype, c: Object.keys(back) };
})();
