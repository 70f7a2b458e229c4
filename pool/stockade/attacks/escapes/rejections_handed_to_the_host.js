// attack: lets a rejection reach the host's handler with a reason full of traps
// expect: exception
// uses: probe
const traps = new Proxy({}, { get: (_, name) => (...args) => { for (const part of args) if (foreign(part)) console.log('ESCAPED: a trap saw the host'); return Reflect[name](...args); } });
Promise.reject(new Proxy(new Error('late'), traps));
new Promise((resolve) => setTimeout(resolve, 50));
