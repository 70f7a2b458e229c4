// A value as JSON text, in one pass that knows the size before the text is built and the path to whatever cannot cross.

// Deeper than any sensible result, shallow enough for every decoder it may meet.
const MAX_DEPTH = 400;
const MAX_PATH = 200;

/** Why the value being written cannot cross; what `writeValue` throws. @type {{kind: string, message: string} | null} */
let fault = null;
let room = 0;
let limitOf = '';

/**
 * The JSON text of a value; undefined for undefined. Throws `fault` for what JSON cannot hold.
 * @param {any} value @param {number} limit most UTF-16 units @param {string} root how a message names the value
 * @returns {string | undefined}
 */
const toJson = (value, limit, root) => {
  if (value === undefined) return undefined;
  // A toJSON of the script may make a call, whose arguments are written in the midst of this value.
  const outerRoom = room;
  const outerLimit = limitOf;
  fault = null;
  room = limit;
  limitOf = `${root} may take ${limit} bytes at most`;
  try {
    const text = writeValue(value, null, root);
    if (text === undefined) refuse('unserializable', root, `is a ${typeof value}, which JSON cannot hold`);
    return text;
  } finally {
    room = outerRoom;
    limitOf = outerLimit;
  }
};

/** @param {string} kind @param {string} path @param {string} why @returns {never} */
const refuse = (kind, path, why) => {
  const told = create(null);
  told.kind = kind;
  told.message = `${cut(path, MAX_PATH)} ${why}`;
  fault = told;
  throw told;
};

/** @param {number} units @param {string} path */
const spend = (units, path) => {
  room -= units;
  if (room < 0) refuse('result_limit', path, `is too large: ${limitOf}`);
};

/**
 * @typedef {{object: any, up: Ancestor | null, depth: number}} Ancestor
 * @param {any} value @param {Ancestor | null} up @param {string} path
 * @returns {string | undefined} undefined for what JSON leaves out: undefined and functions
 */
const writeValue = (value, up, path) => {
  switch (typeof value) {
    case 'string':
      return writeString(value, path);
    case 'number':
      spend(8, path);
      return isFiniteNumber(value) ? `${value}` : 'null';
    case 'boolean':
      spend(5, path);
      return value ? 'true' : 'false';
    case 'bigint':
      return writeString(bigIntToString(value), path);
    case 'symbol':
      return refuse('unserializable', path, 'is a symbol, which JSON cannot hold');
    case 'object':
      if (value === null) {
        spend(4, path);
        return 'null';
      }
      return writeObject(value, up, path);
    default:
      return undefined;
  }
};

/** @param {string} text @param {string} path */
const writeString = (text, path) => {
  spend(text.length + 2, path);
  return stringify(isWellFormed(text) ? text : toWellFormed(text));
};

/** @param {any} object @param {Ancestor | null} up @param {string} path @returns {string | undefined} */
const writeObject = (object, up, path) => {
  for (let above = up; above !== null; above = above.up) {
    if (above.object === object) refuse('unserializable', path, 'refers back to something that contains it (a cycle)');
  }
  const depth = up === null ? 0 : up.depth + 1;
  if (depth > MAX_DEPTH) refuse('unserializable', path, `is nested deeper than ${MAX_DEPTH} levels`);
  /** @type {Ancestor} */
  const here = { object, up, depth };

  const toJSON = guarded(path, () => object.toJSON);
  if (typeof toJSON === 'function') {
    const replaced = guarded(path, () => apply(toJSON, object, ['']));
    // A toJSON may return its own object, as JSON.stringify allows: then write that as it stands.
    return typeof replaced === 'object' && replaced !== null
      ? writeFields(replaced, here, path)
      : writeValue(replaced, here, path);
  }
  return writeFields(object, here, path);
};

/** @param {any} object @param {Ancestor} here @param {string} path */
const writeFields = (object, here, path) => {
  if (isArray(object)) return writeItems(object.length, (i) => object[i], here, path);
  const prototype = guarded(path, () => getPrototypeOf(object));
  if (prototype === ObjectPrototype || prototype === null) return writeEntries(object, here, path);
  return writeExotic(object, here, path);
};

/** @param {any} object @param {Ancestor} here @param {string} path @returns {string | undefined} */
const writeExotic = (object, here, path) => {
  if (isPrototypeOf(PromisePrototype, object)) refuse('unserializable', path, 'is a Promise: await it first');
  if (isError(object)) {
    const plain = create(null);
    plain.name = textOr(read(object, 'name'), 'Error');
    plain.message = textOr(read(object, 'message'), '');
    return writeEntries(plain, here, path);
  }
  if (hasSlot(mapSize, object)) return writeMap(object, here, path);
  if (hasSlot(setSize, object)) {
    /** @type {any} */
    const items = create(null);
    let count = 0;
    setForEach(object, (/** @type {any} */ item) => { items[count++] = item; });
    return writeItems(count, (i) => items[i], here, path);
  }
  if (isView(object) && hasSlot(typedLength, object)) {
    return writeItems(typedLength(object), (i) => /** @type {any} */ (object)[i], here, path);
  }
  if (hasSlot(bufferBytes, object)) {
    const bytes = new IntrinsicUint8Array(object);
    return writeItems(typedLength(bytes), (i) => bytes[i], here, path);
  }
  if (hasSlot(numberValueOf, object)) return writeValue(numberValueOf(object), here, path);
  if (hasSlot(stringValueOf, object)) return writeValue(stringValueOf(object), here, path);
  if (hasSlot(booleanValueOf, object)) return writeValue(booleanValueOf(object), here, path);
  if (hasSlot(bigIntValueOf, object)) return writeValue(bigIntValueOf(object), here, path);
  return writeEntries(object, here, path);
};

/** A Map with text keys is an object; any other is a list of pairs. @param {any} map @param {Ancestor} here @param {string} path */
const writeMap = (map, here, path) => {
  const entries = create(null);
  /** @type {any} */
  const pairs = create(null);
  let count = 0;
  let textKeys = true;
  mapForEach(map, (/** @type {any} */ value, /** @type {any} */ key) => {
    if (typeof key === 'string') entries[key] = value;
    else textKeys = false;
    pairs[count++] = [key, value];
  });
  return textKeys ? writeEntries(entries, here, path) : writeItems(count, (i) => pairs[i], here, path);
};

/** @param {number} length @param {(index: number) => any} at @param {Ancestor} here @param {string} path */
const writeItems = (length, at, here, path) => {
  spend(2, path);
  let text = '[';
  for (let i = 0; i < length; i += 1) {
    const itemPath = `${path}[${i}]`;
    const item = guarded(itemPath, () => at(i));
    spend(1, itemPath);
    text += `${i === 0 ? '' : ','}${writeValue(item, here, itemPath) ?? 'null'}`;
  }
  return `${text}]`;
};

/** @param {any} object @param {Ancestor} here @param {string} path */
const writeEntries = (object, here, path) => {
  spend(2, path);
  const names = guarded(path, () => keysOf(object));
  let text = '{';
  let first = true;
  for (let i = 0; i < names.length; i += 1) {
    const name = /** @type {string} */ (names[i]);
    const fieldPath = `${path}.${name}`;
    const value = writeValue(guarded(fieldPath, () => object[name]), here, fieldPath);
    if (value === undefined) continue;
    text += `${first ? '' : ','}${writeString(name, fieldPath)}:${value}`;
    first = false;
  }
  return `${text}}`;
};

/**
 * Runs what may run the script's own code (a getter, a proxy trap, a toJSON) and names the place when it throws.
 * @template T @param {string} path @param {() => T} action @returns {T}
 */
const guarded = (path, action) => {
  try {
    return action();
  } catch (error) {
    return refuse('unserializable', path, `could not be read: ${summary(error)}`);
  }
};

/** @param {any} value @param {string} fallback */
const textOr = (value, fallback) => (typeof value === 'string' ? value : fallback);
