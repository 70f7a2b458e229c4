// A value as JSON text, in one pass that knows the size before the text is built and the path to whatever cannot cross.

// Deeper than any sensible result, shallow enough for every decoder it may meet.
const MAX_DEPTH = 400;
// Six times as much, which JSON may make of it, still fits beside the largest value.
const MAX_PATH = 120;

/** Why the value being written cannot cross; what `writeValue` throws. @type {{kind: string, message: string} | null} */
let fault = null;
/** How a message names the value of the script. */
const VALUE = 'the value';
/** The first function that was left out of that, by its path. A toJSON may make a call, whose arguments have others. */
let lostFunction = '';
/** Whether undefined or NaN stood in a value: most come of a field that is not there. */
let lostValue = false;
let room = 0;
let limitOf = 0;
let rootName = '';

/** Keys already quoted: rows have the same ones again and again. @type {any} */
let quotedKeys = create(null);
let quotedCount = 0;
const MAX_QUOTED = 1_000;

/**
 * The JSON text of a value; undefined for undefined. Throws `fault` for what JSON cannot hold.
 * @param {any} value @param {number} limit most UTF-16 units @param {string} root how a message names the value
 * @returns {string | undefined}
 */
const toJson = (value, limit, root) => {
  if (value === undefined) return undefined;
  return writeWhole(writeRoot, value, limit, root);
};

/** @param {any} value @param {null} place @returns {string} */
const writeRoot = (value, place) =>
  writeAny(value, place) ?? refuse('unserializable', place, `is a ${typeof value}, which JSON cannot hold`);

/**
 * The same of a list of the bridge's own: a list even where the script gave all arrays a toJSON.
 * @param {any} list @param {number} limit @param {string} root @returns {string}
 */
const listToJson = (list, limit, root) => /** @type {string} */ (writeWhole(writeList, list, limit, root));

/**
 * Most values are plain data, and JSON.stringify writes those three times as fast as code that a fresh context has yet to
 * compile. So there is a look first that all is plain and not too large; none of that runs code of the script, since no
 * getter is read, and where there are proxies there is no look. Nor does JSON.stringify, which reads what was looked at.
 * @param {any} value @param {null} place @returns {string | undefined}
 */
const writeAny = (value, place) => {
  if (typeof value !== 'object' || value === null || proxiesMade || !prototypesArePlain()) return writeValue(value, place);
  const before = room;
  try {
    if (isPlain(value, 0)) return stringify(value);
  } catch {
    // Out of stack: written below, part by part, it says where.
  }
  room = before;
  return writeValue(value, place);
};

/** Whether a hole in a list reads as nothing, and lists are written as they stand. */
const prototypesArePlain = () =>
  getPrototypeOf(ArrayPrototype) === ObjectPrototype && ownKeys(ArrayPrototype)[0] === 'length'
  && ownKeys(ObjectPrototype)[0] === 'constructor' && !('toJSON' in ArrayPrototype);

/**
 * Whether JSON.stringify writes a value as `writeValue` would, within the room that is left. What a number takes is a
 * guess: a value that seems too large is written part by part, and counted.
 * @param {any} value @param {number} depth @returns {boolean}
 */
const isPlain = (value, depth) => {
  switch (typeof value) {
    case 'string':
      return (room -= value.length + 2) >= 0;
    case 'number':
      if (value !== value) lostValue = true;
      return (room -= value >= 0 && value < 1000 && value === (value | 0) ? 1 : 8) >= 0;
    case 'undefined':
      lostValue = true;
      return (room -= 4) >= 0;
    case 'boolean':
      return (room -= 4) >= 0;
    case 'object':
      if (value === null) return (room -= 4) >= 0;
      return (room -= 2) >= 0 && depth <= MAX_DEPTH && !('toJSON' in value) && hasPlainParts(value, depth + 1);
    default:
      return false;
  }
};

/** @param {any} object @param {number} depth @returns {boolean} */
const hasPlainParts = (object, depth) => {
  const prototype = getPrototypeOf(object);
  if (isArray(object)) {
    const { length } = object;
    if (prototype !== ArrayPrototype || (room -= length) < 0) return false;
    for (let i = 0; i < length; i += 1) if (getterAt(object, i) !== undefined || !isPlain(object[i], depth)) return false;
    return true;
  }
  // A Number, String or Boolean object under this prototype is none of its: JSON.stringify would ask it for its value.
  if (prototype !== ObjectPrototype || toStringTag in object || objectToString(object) !== '[object Object]') return false;
  const names = keysOf(object);
  for (let i = 0; i < names.length; i += 1) {
    const name = /** @type {string} */ (names[i]);
    room -= name.length + 3;
    if (getterAt(object, name) !== undefined || !isPlain(object[name], depth)) return false;
  }
  return true;
};

/** @param {any} list */
const writeList = (list) => writeItems(list, list.length, { object: list, up: null, depth: 0, key: null });

/**
 * @template {string | undefined} Text
 * @param {(value: any, place: null) => Text} write @param {any} value @param {number} limit @param {string} root
 * @returns {Text | string}
 */
const writeWhole = (write, value, limit, root) => {
  // A toJSON of the script may make a call, whose arguments are written in the midst of this value.
  const outerRoom = room;
  const outerLimit = limitOf;
  const outerName = rootName;
  fault = null;
  room = limit;
  limitOf = limit;
  rootName = root;
  try {
    const text = write(value, null);
    // JSON.stringify leaves half a surrogate pair as an escape, which no decoder but JavaScript's takes. Looked for once
    // here, since looking at each string would cost as much as writing it; a backslash before "ud" is a false alarm.
    return text === undefined || indexOfText(text, '\\ud', 0) < 0 ? text : mended(text);
  } finally {
    room = outerRoom;
    limitOf = outerLimit;
    rootName = outerName;
  }
};

/** JSON text with U+FFFD for each half of a surrogate pair: no other escape begins with "ud". @param {string} text */
const mended = (text) => {
  let out = '';
  let from = 0;
  for (let at = indexOfText(text, '\\', 0); at >= 0; at = indexOfText(text, '\\', at)) {
    if (text[at + 1] !== 'u' || text[at + 2] !== 'd') {
      at += 2;
      continue;
    }
    out += `${sliceText(text, from, at)}\ufffd`;
    at += 6;
    from = at;
  }
  return out + sliceText(text, from);
};

/**
 * An object that is being written, and which part of it: the path is made of these, but only when it is needed.
 * @typedef {{object: any, up: Place | null, depth: number, key: string | number | null}} Place
 */

/** @param {Place | null} place @returns {string} */
const pathOf = (place) => {
  let path = '';
  for (let at = place; at !== null; at = at.up) {
    if (at.key !== null) path = `${typeof at.key === 'number' ? `[${at.key}]` : `.${at.key}`}${path}`;
    if (path.length > MAX_PATH * 2) path = sliceText(path, 0, MAX_PATH * 2);
  }
  return cut(rootName + path, MAX_PATH);
};

/** @param {string} kind @param {Place | null} place @param {string} why @returns {never} */
const refuse = (kind, place, why) => {
  const told = create(null);
  told.kind = kind;
  told.message = `${pathOf(place)} ${why}`;
  fault = told;
  throw told;
};

/** @param {number} units @param {Place | null} place */
const spend = (units, place) => {
  room -= units;
  if (room < 0) refuse('result_limit', place, `is too large: ${rootName} may take ${limitOf} bytes at most`);
};

/** @param {string} text @param {Place | null} place */
const spent = (text, place) => {
  room -= text.length;
  if (room < 0) spend(0, place);
  return text;
};

/** @param {any} value @param {Place | null} place @returns {string | undefined} undefined for what JSON leaves out: undefined and functions */
const writeValue = (value, place) => {
  switch (typeof value) {
    case 'string':
      return writeString(value, place);
    case 'number':
      if (value !== value) lostValue = true;
      return spent(isFiniteNumber(value) ? `${value}` : 'null', place);
    case 'boolean':
      return spent(value ? 'true' : 'false', place);
    case 'bigint':
      return writeBigInt(value, place);
    case 'symbol':
      return refuse('unserializable', place, 'is a symbol, which JSON cannot hold');
    case 'object':
      return value === null ? spent('null', place) : writeObject(value, place);
    case 'function':
      if (lostFunction === '' && rootName === VALUE) lostFunction = pathOf(place);
      return undefined;
    default:
      lostValue = true;
      return undefined;
  }
};

/** As text, unless the script has given all of them a toJSON, as JSON.stringify has it. @param {any} value @param {Place | null} place */
const writeBigInt = (value, place) => {
  const { toJSON } = value;
  const replaced = typeof toJSON === 'function' ? apply(toJSON, value, [keyText(place)]) : value;
  return typeof replaced === 'bigint' ? writeString(bigIntToString(replaced), place) : writeValue(replaced, place);
};

/** What a toJSON is told: the key of the value, as text. @param {Place | null} place */
const keyText = (place) => (place === null ? '' : `${place.key}`);

/** @param {string} text @param {Place | null} place */
const writeString = (text, place) => {
  room -= text.length + 2;
  if (room < 0) spend(0, place);
  return stringify(text);
};

/** @param {any} object @param {Place | null} up @returns {string | undefined} */
const writeObject = (object, up) => {
  for (let above = up; above !== null; above = above.up) {
    if (above.object === object) refuse('unserializable', up, 'refers back to something that contains it (a cycle)');
  }
  const depth = up === null ? 0 : up.depth + 1;
  if (depth > MAX_DEPTH) refuse('unserializable', up, `is nested deeper than ${MAX_DEPTH} levels`);
  /** @type {Place} */
  const here = { object, up, depth, key: null };
  try {
    const toJSON = object.toJSON;
    if (typeof toJSON !== 'function') return writeFields(object, here);
    const replaced = apply(toJSON, object, [keyText(up)]);
    // A toJSON may return its own object, as JSON.stringify allows: then write that as it stands.
    return typeof replaced === 'object' && replaced !== null ? writeFields(replaced, here) : writeValue(replaced, here);
  } catch (error) {
    // A getter, a proxy's trap or a toJSON of the script: what threw is the part that `here` points at.
    if (error !== null && error === fault) throw error;
    return refuse('unserializable', here, `could not be read: ${summary(error)}`);
  }
};

/** @param {any} object @param {Place} here */
const writeFields = (object, here) => {
  if (isArray(object)) return writeItems(object, object.length, here);
  const prototype = getPrototypeOf(object);
  if (prototype === ObjectPrototype || prototype === null) return writeEntries(object, here);
  return writeExotic(object, here);
};

/** @param {any} object @param {Place} here @returns {string | undefined} */
const writeExotic = (object, here) => {
  if (isPrototypeOf(PromisePrototype, object)) refuse('unserializable', here, 'is a Promise: await it first');
  if (isError(object)) {
    const plain = create(null);
    plain.name = textOr(read(object, 'name'), 'Error');
    plain.message = textOr(read(object, 'message'), '');
    return writeEntries(plain, here);
  }
  if (!proxiesMade && isUntagged(object)) return writeEntries(object, here);
  if (hasSlot(mapSize, object)) return writeMap(object, here);
  if (hasSlot(setSize, object)) {
    const items = create(null);
    let count = 0;
    setForEach(object, (/** @type {any} */ item) => { items[count++] = item; });
    return writeItems(items, count, here);
  }
  if (isView(object) && hasSlot(typedLength, object)) return writeItems(object, typedLength(object), here);
  if (hasSlot(bufferBytes, object)) {
    const bytes = new IntrinsicUint8Array(object);
    return writeItems(bytes, typedLength(bytes), here);
  }
  if (hasSlot(numberValueOf, object)) return writeValue(numberValueOf(object), here);
  if (hasSlot(stringValueOf, object)) return writeValue(stringValueOf(object), here);
  if (hasSlot(booleanValueOf, object)) return writeValue(booleanValueOf(object), here);
  if (hasSlot(bigIntValueOf, object)) return writeValue(bigIntValueOf(object), here);
  return writeEntries(object, here);
};

/** A Map with text keys is an object; any other is a list of pairs. @param {any} map @param {Place} here */
const writeMap = (map, here) => {
  const entries = create(null);
  const pairs = create(null);
  let count = 0;
  let textKeys = true;
  mapForEach(map, (/** @type {any} */ value, /** @type {any} */ key) => {
    if (typeof key === 'string') entries[key] = value;
    else textKeys = false;
    pairs[count++] = [key, value];
  });
  return textKeys ? writeEntries(entries, here) : writeItems(pairs, count, here);
};

/** @param {any} list anything with indices @param {number} length @param {Place} here */
const writeItems = (list, length, here) => {
  spend(2, here);
  if (length * 2 - 1 > room) spend(room + 1, here); // before as many texts are made: each takes one and its comma
  let text = '[';
  for (let i = 0; i < length; i += 1) {
    here.key = i;
    if (i > 0) room -= 1;
    if (room < 0) spend(0, here);
    const item = writeValue(list[i], here);
    if (item === undefined) room -= 4;
    text += i === 0 ? (item ?? 'null') : `,${item ?? 'null'}`;
  }
  return `${text}]`;
};

/** @param {any} object @param {Place} here */
const writeEntries = (object, here) => {
  spend(2, here);
  const names = keysOf(object);
  let text = '{';
  let first = true;
  for (let i = 0; i < names.length; i += 1) {
    const name = /** @type {string} */ (names[i]);
    here.key = name;
    const value = writeValue(object[name], here);
    if (value === undefined) continue;
    text += first ? quoteKey(name, here) + value : `,${quoteKey(name, here)}${value}`;
    first = false;
  }
  return `${text}}`;
};

/** @param {string} name @param {Place} place @returns {string} the key with its colon */
const quoteKey = (name, place) => {
  room -= name.length + 3;
  if (room < 0) spend(0, place);
  const known = quotedKeys[name];
  if (known !== undefined) return known;
  if (quotedCount >= MAX_QUOTED) {
    quotedKeys = create(null);
    quotedCount = 0;
  }
  quotedCount += 1;
  return (quotedKeys[name] = `${stringify(name)}:`);
};

/** @param {any} value @param {string} fallback */
const textOr = (value, fallback) => (typeof value === 'string' ? value : fallback);
