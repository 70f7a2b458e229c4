// attack: gives a length that is an object, whose valueOf is asked again for each item
// expect: result_limit, memory_limit, timeout, ok, unserializable, exception
// limits: timeout_seconds=1
// value: []
let asked = 0;
new Proxy([], { get: (_, key) => (key === 'length' ? { valueOf: () => (asked += 1) + 1 } : undefined) });
