// attack: puts setters for every index and common name on the prototypes before a web name is made
// expect: ok
// uses: probe
const seen = [];
const keys = ['0', '1', 'length', 'value', 'get', 'set', 'writable', 'configurable', 'enumerable', 'name', 'type', 'signal', 'href', 'parts', 'next', 'done', 'then', 'constructor', 'prototype'];
for (const home of [Object.prototype, Array.prototype, Function.prototype]) for (const key of keys) {
  if (Reflect.getOwnPropertyDescriptor(home, key)?.configurable === false || (home === Function.prototype && (key === 'name' || key === 'length')) || key === 'constructor') continue;
  try { Reflect.defineProperty(home, key, { __proto__: null, configurable: true, get() { return undefined; }, set(value) { seen[seen.length + 0] = value; } }); } catch { /* not this one */ }
}
const made = [() => new URL('http://a/b?c'), () => new TextDecoder(), () => new TextEncoder(), () => new AbortController(), () => new Event('x'), () => crypto.randomUUID(), () => structuredClone([1]), () => btoa('x'), () => new URLSearchParams('a=b')];
for (let i = 0; i < made.length; i += 1) { try { made[i](); } catch { /* spoilt by its own script */ } }
for (const home of [Object.prototype, Array.prototype, Function.prototype]) for (const key of keys) if (key !== 'constructor' && Reflect.getOwnPropertyDescriptor(home, key)?.get) delete home[key];
for (const it of seen) contained(it);
'contained';
