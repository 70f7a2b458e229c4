// attack: walks every object reachable from the global object, in search of one of the host
// expect: ok
// uses: probe
const seen = new Set([globalThis]);
for (const object of seen) {
  if (foreign(object)) throw new Error(`ESCAPED: ${typeof object} ${object.name}`);
  for (const key of Reflect.ownKeys(object)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
    for (const part of [descriptor.value, descriptor.get, descriptor.set, Reflect.getPrototypeOf(object)]) {
      if ((typeof part === 'object' && part !== null) || typeof part === 'function') seen.add(part);
    }
  }
}
seen.size > 500 ? 'contained' : `only ${seen.size} objects seen`;
