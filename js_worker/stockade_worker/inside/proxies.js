// Which objects are proxies: nothing in the language tells, so the constructor takes note. Then the console can show a
// proxy by its target, and never runs a trap.

/** @type {WeakMap<object, object>} */
const proxyTargets = new WeakMap();
let proxiesMade = false;

const proxyConstructor = () => {
  // A class could not be called without `new`, and neither can the real one: both throw.
  const Proxy = /** @type {any} */ (function Proxy(/** @type {any} */ target, /** @type {any} */ handler) {
    if (new.target === undefined) throw new IntrinsicTypeError("Constructor Proxy requires 'new'");
    return note(new IntrinsicProxy(target, handler), target);
  });
  Proxy.prototype = undefined;
  define(Proxy, 'length', 2, false);
  define(Proxy, 'revocable', (/** @type {any} */ target, /** @type {any} */ handler) => {
    const made = proxyRevocable(target, handler);
    note(made.proxy, target);
    return made;
  }, false);
  return Proxy;
};

/** @param {object} proxy @param {object} target */
const note = (proxy, target) => {
  proxiesMade = true;
  weakMapSet(proxyTargets, proxy, target);
  return proxy;
};

/** The object behind a proxy, or the object itself. @param {any} object */
const targetOf = (object) => {
  let at = object;
  for (let next = weakMapGet(proxyTargets, at); next !== undefined; next = weakMapGet(proxyTargets, at)) at = next;
  return at;
};
