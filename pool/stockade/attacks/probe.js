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
