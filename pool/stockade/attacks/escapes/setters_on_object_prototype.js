// attack: waits with setters for the bridge to write a property that its objects do not have
// expect: ok
const seen = [];
for (const key of ['resolve', 'reject', 'callback', 'args', 'delay', 'repeats', 'id', 'kind', 'name', 'message', 'object', 'up', 'depth', 'lines', 'count', 'width', 'more', 'text', 'used', 'cleared', 'calls', 'resultBytes', 'cause', 'stack', 'hint', '0', '1', 'value', 'call', 'type']) {
  Object.defineProperty(Object.prototype, key, { __proto__: null, configurable: true, get: () => undefined, set(value) { seen.push(key, typeof value); } });
}
(async () => { console.log({ a: [1, { b: 2 }] }, '%s', 1); await echo([1, { a: 2 }]); try { await fails(1); } catch { /* on purpose */ } await new Promise((resolve) => setTimeout(resolve, 1)); return seen.length === 0 ? 'contained' : `ESCAPED: ${seen}`; })();
