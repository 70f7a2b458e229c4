// Which objects are proxies: nothing in the language tells, so the constructor takes note. Then the console can show a
// proxy by its target, and never runs a trap. And those of functions are given no list of the host's.

/** @type {WeakMap<object, object>} */
const proxyTargets = new WeakMap();
let proxiesMade = false;

const proxyConstructor = () => {
  // A class could not be called without `new`, and neither can the real one: both throw.
  const Proxy = /** @type {any} */ (function Proxy(/** @type {any} */ target, /** @type {any} */ handler) {
    if (new.target === undefined) throw new IntrinsicTypeError("Constructor Proxy requires 'new'");
    return note(new IntrinsicProxy(target, handlerOf(target, handler)), target);
  });
  Proxy.prototype = undefined;
  define(Proxy, 'length', 2, false);
  define(Proxy, 'revocable', (/** @type {any} */ target, /** @type {any} */ handler) => {
    const made = proxyRevocable(target, handlerOf(target, handler));
    note(made.proxy, target);
    return made;
  }, false);
  return Proxy;
};

/**
 * Node asks a promise that was rejected for properties, from its own realm. If a proxy answers as the trap of another, V8 makes the
 * list of arguments for its `apply` trap in the realm that asked: so the trap gets a copy of it.
 * @param {any} target @param {any} handler
 */
const handlerOf = (target, handler) => {
  if (typeof target !== 'function' || (typeof handler !== 'function' && (typeof handler !== 'object' || handler === null))) return handler;
  // Over nothing, since the handler may be frozen, and then no proxy of it could answer with another trap.
  return new IntrinsicProxy(create(null), /** @type {any} */ ({ __proto__: null, get: (/** @type {any} */ _nothing, /** @type {string} */ name) => trapOf(handler, name) }));
};

/** @param {any} handler @param {string} name */
const trapOf = (handler, name) => {
  const trap = handler[name];
  if (typeof trap !== 'function') return trap;
  return (/** @type {any[]} */ ...args) => {
    if (name === 'apply') args[2] = copyOf(args[2]);
    else if (name === 'construct') args[1] = copyOf(args[1]);
    return apply(trap, handler, args);
  };
};

/** @param {any} list that V8 has made */
const copyOf = (list) => {
  /** @type {any[]} */
  const copy = [];
  for (let i = 0; i < list.length; i += 1) define(copy, i, list[i], true);
  return copy;
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
