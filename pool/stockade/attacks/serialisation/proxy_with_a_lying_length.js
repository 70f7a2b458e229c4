// attack: returns a Proxy of an array that claims 2^53 items
// expect: result_limit
// layer: worker
// limits: timeout_seconds=60
new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 53 : key === 'toJSON' ? undefined : 1) });
