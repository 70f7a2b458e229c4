// attack: replaces every method of every built-in with a spy before the bridge runs
// expect: ok
const calls = [];
const homes = [Object, Reflect, JSON, Promise, Array, String, Number, Math, Symbol, Error, Map, Set, Proxy, ArrayBuffer].flatMap((home) => [home, home.prototype]).filter(Boolean).concat(Function.prototype, RegExp.prototype, Date.prototype, BigInt.prototype);
const { ownKeys, getOwnPropertyDescriptor } = Reflect;
let armed = false;
const spies = [];
for (const home of homes) for (const key of ownKeys(home)) {
  const { value, writable } = getOwnPropertyDescriptor(home, key);
  if (typeof value === 'function' && writable && key !== 'constructor') spies.push({ home, key, name: String(key) });
}
const { length } = spies;
for (let i = 0; i < length; i += 1) { const { home, key, name } = spies[i]; home[key] = () => { if (armed) calls[calls.length] = name; }; }
armed = true;
console.log({ a: [1] }, 'x', 1n, Symbol.iterator, [new Error('x')]);
echo({ a: 1, b: [2, 3] });
clearTimeout(setTimeout(() => {}, 1));
armed = false;
calls.length === 0 ? 'contained' : `ESCAPED: the bridge called ${calls[0]}`;
