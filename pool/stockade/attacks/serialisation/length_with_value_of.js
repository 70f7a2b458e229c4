// attack: gives a length that is an object, whose valueOf is asked again for each item
// expect: result_limit
// limits: timeout_seconds=60
let asked = 0;
new Proxy([], { get: (_, key) => (key === 'length' ? { valueOf: () => (asked += 1) + 1 } : undefined) });
