// What an attack does with an object it should not hold: walk everything reachable from it, in search of a way out.
const { probe, foreign, contained } = (() => {
  const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf, isExtensible, construct, get } = Reflect;
  const own = Object.prototype;
  const compilers = ['Function', 'AsyncFunction', 'GeneratorFunction', 'AsyncGeneratorFunction'];
  const loot = ['process', 'require', 'mainModule', 'binding', 'internalBinding', 'Buffer'];
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  const frozen = (object) => !isExtensible(object) && ownKeys(object).every((key) => !getOwnPropertyDescriptor(object, key).configurable);
  const escaped = (path) => { throw new Error(`ESCAPED: ${path}`); };

  // Of another realm: its chain of prototypes ends in somebody else's Object.prototype.
  const foreign = (value) => {
    if (!isObject(value)) return false;
    let root = value;
    for (let next = getPrototypeOf(root); next !== null; next = getPrototypeOf(root)) root = next;
    return root !== own && ownKeys(root).includes('hasOwnProperty');
  };

  const compiles = (maker, path) => {
    let made;
    try { made = construct(maker, ['return this']); } catch { return; }
    if (typeof made === 'function') escaped(`${path} compiles`);
  };

  // The object given is the script's to spoil: it was made for it. Whatever hangs on it is not.
  const probe = (start) => {
    const seen = new Map([[start, 'it']]);
    for (const [object, path] of seen) {
      if (object !== start && foreign(object) && !frozen(object)) escaped(`${path} is of the host and can be changed`);
      for (const key of ownKeys(object)) {
        const descriptor = getOwnPropertyDescriptor(object, key);
        const here = `${path}.${String(key)}`;
        if (loot.includes(key)) escaped(here);
        if (typeof descriptor.value === 'string' && /\/(home|root|work|usr|opt|tmp|Users)\//.test(descriptor.value)) escaped(`${here} shows ${descriptor.value}`);
        for (const part of [descriptor.value, descriptor.get, descriptor.set]) if (isObject(part) && !seen.has(part)) seen.set(part, here);
      }
      let maker;
      try { maker = get(object, 'constructor'); } catch { /* an accessor of another object */ }
      if (typeof maker === 'function') {
        if (compilers.includes(maker.name)) compiles(maker, `${path}.constructor`);
        if (!seen.has(maker)) seen.set(maker, `${path}.constructor`);
      }
      const prototype = getPrototypeOf(object);
      if (prototype !== null && !seen.has(prototype)) seen.set(prototype, `${path}.__proto__`);
    }
    let stack;
    try { stack = String(start.stack); } catch { stack = ''; }
    if (/file:|node:|\.mjs|\/[\w.-]+\/[\w.-]+\//.test(stack)) escaped(`the stack shows ${stack}`);
    return 'contained';
  };

  // For what may or may not be a leak: harmless if of this realm, else walked.
  const contained = (value) => (foreign(value) ? probe(value) : 'contained');
  return { probe, foreign, contained };
})();

// Replaces every built-in and all that can be called of it by a spy, and has setters wait on the prototype of all objects: whatever
// the bridge calls or misses while it is watched is told.
const spied = () => {
  const { apply, construct, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
  const { log } = console;
  const toText = Function.prototype.toString;
  const fields = ['kind', 'name', 'message', 'line', 'column', 'stack', 'cause', 'errors', 'fields', 'shapes', 'object', 'up', 'depth', 'key', 'callback', 'args', 'delay', 'repeats',
    'awaited', 'id', 'call', 'pending', 'done', 'resolve', 'reject', 'error', 'count', 'values', 'left', 'prefix', 'text', 'a', 'b'];
  const homes = new Set();
  const visit = (object) => {
    if ((typeof object !== 'object' && typeof object !== 'function') || object === null || object === globalThis || homes.has(object)) return;
    homes.add(object);
    visit(getPrototypeOf(object));
    for (const key of ownKeys(object)) visit(getOwnPropertyDescriptor(object, key).value);
  };
  for (const name of ownKeys(globalThis)) visit(getOwnPropertyDescriptor(globalThis, name).value);
  for (const it of [[].keys(), new Map().keys(), new Set().keys(), ''[Symbol.iterator](), (function* () {})(), (async function* () {})(), async () => {}]) visit(getPrototypeOf(it));
  let armed = false;
  const told = { __proto__: null };
  const tell = (what) => {
    if (!armed || told[what] === 1) return;
    told[what] = 1;
    armed = false;
    log(`ESCAPED: the bridge used ${what}`);
    armed = true;
  };
  // V8 itself calls `then` of a promise that another waits for, with functions of its own.
  const isOfV8 = (name, args) => name === 'then' && apply(toText, args[0], []) === 'function () { [native code] }';
  const spyOn = (name, original) => function (...args) {
    if (!isOfV8(name, args)) tell(name);
    return apply(original, this, args);
  };
  const spies = [];
  for (const home of homes) for (const key of ownKeys(home)) {
    const found = getOwnPropertyDescriptor(home, key);
    if (!found.configurable || key === 'constructor' || key === Symbol.species) continue;
    for (const part of ['value', 'get', 'set']) {
      if (typeof found[part] === 'function' && !homes.has(found.value?.prototype)) spies.push({ home, key, part, spy: spyOn(typeof key === 'symbol' ? key.description : key, found[part]) });
    }
  }
  for (let i = 0; i < fields.length; i += 1) {
    const field = fields[i];
    defineProperty(Object.prototype, field, { __proto__: null, configurable: true, get: () => undefined, set: () => tell(`a setter of ${field}`) });
  }
  for (let i = 0; i < spies.length; i += 1) {
    const { home, key, part, spy } = spies[i];
    defineProperty(home, key, { __proto__: null, ...getOwnPropertyDescriptor(home, key), [part]: spy });
  }
  for (const name of ['Array', 'ArrayBuffer', 'Date', 'Map', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError', 'RegExp', 'Set', 'String', 'TypeError', 'Uint8Array', 'WeakMap']) {
    const original = globalThis[name];
    globalThis[name] = function (...args) {
      tell(name);
      return new.target === undefined ? apply(original, this, args) : construct(original, args);
    };
    globalThis[name].prototype = original.prototype;
  }
  const arm = (on) => { armed = on; };
  // What the bridge throws is of no interest.
  const watched = (act) => {
    armed = true;
    try { return act(); } catch { return undefined; } finally { armed = false; }
  };
  return { arm, watched };
};
