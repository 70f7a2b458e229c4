// attack: replaces every built-in method by a spy before a web name is used for the first time, when it is made
// expect: ok
// uses: probe
const { ownKeys, getOwnPropertyDescriptor, apply } = Reflect;
const homes = [Object, Reflect, JSON, Promise, Array, String, Number, Math, Symbol, Error, Map, Set, WeakMap, Proxy, ArrayBuffer, Uint8Array, DataView].flatMap((home) => [home, home.prototype]).filter(Boolean).concat(Function.prototype, RegExp.prototype, Date.prototype, Object.getPrototypeOf(Uint8Array.prototype), Object.getPrototypeOf(Uint8Array), Object.getPrototypeOf([][Symbol.iterator]()), Object.getPrototypeOf(new Map().entries()));
const seen = [];
const spies = [];
let armed = false;
for (const home of homes) for (const key of ownKeys(home)) {
  const { value, writable } = getOwnPropertyDescriptor(home, key);
  if (typeof value === 'function' && writable && key !== 'constructor') spies.push({ home, key, value });
}
for (const { home, key, value } of spies) home[key] = function (...args) {
  if (!armed) return apply(value, this, args);
  armed = false;
  seen[seen.length] = this;
  for (let i = 0; i < args.length; i += 1) seen[seen.length] = args[i];
  const made = apply(value, this, args);
  seen[seen.length] = made;
  armed = true;
  return made;
};
armed = true;
const url = new URL('http://user@host:8080/a/../b?c=d#e');
url.searchParams.append('k', 'v');
const text = url.href + new TextDecoder().decode(new TextEncoder().encode('hé')) + atob(btoa('x'));
const controller = new AbortController();
let heard = 0;
controller.signal.addEventListener('abort', () => { heard += 1; });
controller.abort();
crypto.randomUUID();
crypto.getRandomValues(new Uint8Array(4));
structuredClone({ a: [1, { b: 2 }] });
console.log({ a: [1] }, text);
echo({ a: [1] });
armed = false;
for (const { home, key, value } of spies) home[key] = value;
const all = new Set(seen);
for (const it of all) contained(it);
// The one function that leads out of the context is known by what it does with three arguments: nothing.
for (const it of all) if (typeof it === 'function' && /makeWay|emit/.test(Function.prototype.toString.call(it))) throw new Error(`ESCAPED: ${it}`);
heard === 1 ? 'contained' : `heard ${heard}`;
