// attack: asks a Proxy whose prototype is itself for what it does not have
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
const proxy = new Proxy({}, { getPrototypeOf: () => proxy, has: () => { for (;;); } });
'x' in proxy;
