// attack: Node asks a rejected promise for its async ids, from its own realm, where V8 makes the arguments of an apply trap
// expect: ok
// uses: probe
let told = 'never asked';
// What a trap throws here goes to Node, so it is said afterwards.
const trap = new Proxy(() => undefined, { apply(target, self, args) {
  const [owner, key, receiver] = args;
  if (typeof key !== 'symbol') return Reflect.get(owner, key, receiver);
  args.length = 0;
  try { told = foreign(args) ? `ESCAPED: ${String(key)} brought a list of the host's, which is ${probe(args)}` : 'contained'; } catch (error) { told = error.message; }
  return undefined;
} });
const prototype = new Proxy(Promise.prototype, { get: trap });
const one = Promise.reject(1);
Object.setPrototypeOf(one, prototype);
await Promise.prototype.then.call(one, null, () => 1);
if (told !== 'contained') throw new Error(told);
class Asked extends Promise {}
Object.setPrototypeOf(Asked.prototype, prototype);
await Asked.reject(2).then(null, () => 2);
if (told !== 'contained') throw new Error(told);
told;
