// attack: sees every name that code of the bridge looks up
// expect: ok
// uses: probe
const names = [];
const scope = new Proxy({}, { has: (_, name) => { names.push(name); return false; }, get: () => undefined });
with (scope) { try { console.log(typeof process, typeof require); } catch { /* refused */ } }
try { Object.setPrototypeOf(globalThis, new Proxy(Object.prototype, { get: (target, name, receiver) => { names.push(name); return Reflect.get(target, name, receiver); }, has: (target, name) => { names.push(name); return Reflect.has(target, name); } })); } catch { /* refused */ }
console.log('after');
(async () => { await echo(1); const inner = ['emit', 'bridge', 'waiting', 'caps', 'timers']; return inner.some((name) => names.includes(name)) ? `ESCAPED: ${names.filter(String)}` : 'contained'; })();
