// attack: Node asks a rejected promise for its async ids, from its own realm, where V8 makes the arguments of an apply trap
// expect: ok
// uses: probe
let told = 'never asked';
const traps = { apply(target, self, args) {
  const [owner, key, receiver] = args;
  if (typeof key !== 'symbol') return Reflect.get(owner, key, receiver);
  args.length = 0;
  // What a trap throws here goes to Node, so it is said afterwards.
  try { told = foreign(args) ? `ESCAPED: ${String(key)} brought a list of the host's, which is ${probe(args)}` : 'contained'; } catch (error) { told = error.message; }
  return undefined;
} };
for (const trap of [new Proxy(() => undefined, traps), Proxy.revocable(() => undefined, traps).proxy]) {
  const prototype = new Proxy(Promise.prototype, { get: trap });
  told = 'never asked';
  const one = Promise.reject(1);
  Object.setPrototypeOf(one, prototype);
  await Promise.prototype.then.call(one, null, () => 1);
  if (told !== 'contained') throw new Error(told);
  told = 'never asked';
  class Asked extends Promise {}
  Object.setPrototypeOf(Asked.prototype, prototype);
  await Asked.reject(2).then(null, () => 2);
  if (told !== 'contained') throw new Error(told);
}
told;
