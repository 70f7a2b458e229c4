// attack: returns a Proxy that claims a hundred thousand keys of a hundred letters
// expect: result_limit
// layer: worker
// limits: timeout_seconds=60
const keys = [];
for (let i = 0; i < 20000; i += 1) keys.push(`${i}`.padEnd(100, 'k'));
new Proxy({}, { ownKeys: () => keys, getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }), get: () => 1 });
