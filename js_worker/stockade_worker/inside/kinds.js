// What kind of object a value is, told by internal slots that no script can forge, and how that kind is shown.

/**
 * @typedef {object} KindOf
 * @property {string} prefix what stands before the brackets
 * @property {string} brief what stands for it where it is too deep to be shown
 * @property {boolean} [leaf] shown without brackets when it has no fields
 * @property {boolean} [error] @property {boolean} [indexed] @property {boolean} [columns] @property {boolean} [more] @property {boolean} [numeric]
 * @property {number} [size] how much `fill` has to show, where that is known
 * @property {string} [open] @property {string} [close]
 * @property {(look: any, parts: any, depth: number, here: any) => void} [fill]
 */

/** @param {any} object @returns {KindOf} */
const kindOf = (object) => {
  const name = className(object);
  if (typeof object === 'function') return leafKind(functionText(object, name));
  if (isArray(object)) return listKind(object, name);
  if (isError(object)) return errorKind(object, name);
  if (name !== null && !proxiesMade && isUntagged(object)) return plainKind(name, '');
  const show = webKind(object);
  if (show !== null) return { ...plainKind(name, ''), fill: (look, parts, depth, here) => show(object, look, parts, depth, here) };
  if (hasSlot(dateGetTime, object)) return leafKind(isFiniteNumber(dateGetTime(object)) ? dateToISOString(object) : 'Invalid Date');
  if (hasSlot(regExpSource, object)) return leafKind(regExpText(object));
  if (hasSlot(mapSize, object)) return mapKind(object, name);
  if (hasSlot(setSize, object)) return setKind(object, name);
  if (isView(object) && hasSlot(typedLength, object) && typedTag(object) !== undefined) return typedKind(object);
  if (isView(object)) return viewKind(object);
  if (hasSlot(bufferBytes, object)) return bufferKind(object);
  if (isPrototypeOf(PromisePrototype, object)) return plainKind(name ?? 'Promise', '');
  if (hasSlot(weakMapHas, object)) return { ...plainKind('WeakMap', ''), fill: (_look, parts) => addPart(parts, '<items unknown>') };
  if (hasSlot(weakSetHas, object)) return { ...plainKind('WeakSet', ''), fill: (_look, parts) => addPart(parts, '<items unknown>') };
  if (hasSlot(numberValueOf, object)) return leafKind(`[Number: ${inspect(numberValueOf(object))}]`);
  if (hasSlot(stringValueOf, object)) return { ...leafKind(`[String: ${quote(stringValueOf(object))}]`), indexed: true };
  if (hasSlot(booleanValueOf, object)) return leafKind(`[Boolean: ${booleanValueOf(object)}]`);
  if (hasSlot(bigIntValueOf, object)) return leafKind(`[BigInt: ${bigIntToString(object)}n]`);
  if (hasSlot(symbolToString, object)) return leafKind(`[Symbol: ${symbolToString(object)}]`);
  if (!proxiesMade && !(toStringTag in object) && objectToString(object) === '[object Arguments]') return { prefix: '[Arguments]', brief: 'Arguments' };
  return plainKind(name, tagOf(object, name));
};

const REGEXP_FLAGS = 'dgimsuvy';
const flagGetters = newParts();
for (const name of ['hasIndices', 'global', 'ignoreCase', 'multiline', 'dotAll', 'unicode', 'unicodeSets', 'sticky']) addPart(flagGetters, /** @type {any} */ (getterOf(RegExp.prototype, name)));

/** Not by its toString, which reads `source` and `flags` as the script has them. @param {any} pattern */
const regExpText = (pattern) => {
  let text = `/${regExpSource(pattern)}/`;
  for (let i = 0; i < flagGetters.count; i += 1) if (flagGetters[i](pattern)) text += REGEXP_FLAGS[i];
  return text;
};

/** @param {string} prefix @returns {KindOf} */
const leafKind = (prefix) => ({ prefix, brief: prefix, leaf: true });

/** @param {string | null} name @param {string} tag @returns {KindOf} */
const plainKind = (name, tag) => {
  const shown = name ?? '[Object: null prototype]';
  const full = tag === '' ? shown : `${shown} [${tag}]`;
  return { prefix: full === 'Object' ? '' : full, brief: name === null ? 'Object: null prototype' : full };
};

/** A `Symbol.toStringTag` that says something else than the class. @param {any} object @param {string | null} name */
const tagOf = (object, name) => {
  for (let at = object, i = 0; at !== null && i < 20; at = getPrototypeOf(at), i += 1) {
    const descriptor = getOwnPropertyDescriptor(at, toStringTag);
    // A field of its own is shown among its fields.
    const tag = descriptor !== undefined && hasOwn(descriptor, 'value') && !(at === object && descriptor.enumerable) ? descriptor.value : undefined;
    if (typeof tag === 'string' && tag !== '') return tag === name ? '' : tag;
  }
  return '';
};

/** @param {any} value @param {string | null} name */
const functionText = (value, name) => {
  const own = dataValue(value, 'name');
  const shown = typeof own === 'string' ? own : '';
  if (isClass(value)) {
    const parent = getPrototypeOf(value);
    const parentName = typeof parent === 'function' ? dataValue(parent, 'name') : '';
    const extension = typeof parentName === 'string' && parentName !== '' ? ` extends ${parentName}` : '';
    return `[class ${shown === '' ? '(anonymous)' : shown}${extension}]`;
  }
  const kind = name === 'AsyncFunction' || name === 'GeneratorFunction' || name === 'AsyncGeneratorFunction' ? name : 'Function';
  return shown === '' ? `[${kind} (anonymous)]` : `[${kind}: ${shown}]`;
};

/** Whether a function is a class, which cannot be called. @param {any} value */
const isClass = (value) => {
  const source = functionToString(value);
  return indexOfText(source, 'class') === 0 && (source.length === 5 || !isWordUnit(charCodeAt(source, 5)));
};

/** @param {number} code */
const isWordUnit = (code) => (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === 36;

/** @param {any} list @param {string | null} name @returns {KindOf} */
const listKind = (list, name) => {
  const { length } = list;
  const prefix = name === 'Array' ? '' : `${name ?? '[Array(null prototype)]'}(${length})`;
  let numeric = true;
  for (let i = 0; i < length && i <= MAX_ITEMS && numeric; i += 1) {
    const type = typeof dataValue(list, i);
    numeric = type === 'number' || type === 'bigint';
  }
  return {
    prefix,
    brief: name ?? 'Array',
    size: length,
    open: '[',
    close: ']',
    indexed: true,
    columns: true,
    numeric,
    more: length > MAX_ITEMS,
    fill(look, parts, depth, here) {
      let i = 0;
      const keys = { names: null, at: 0 };
      while (i < length && parts.count < MAX_ITEMS) {
        const descriptor = getOwnPropertyDescriptor(list, i);
        if (descriptor === undefined) {
          const from = i;
          i = nextIndex(list, i, length, keys);
          addPart(parts, `<${i - from} empty item${i - from === 1 ? '' : 's'}>`);
        } else {
          addPart(parts, slotText(look, descriptor, depth, here));
          i += 1;
        }
      }
      if (i < length) addMore(parts, length - i);
    },
  };
};

/**
 * The next index that is filled.
 * @param {any} list @param {number} from @param {number} length @param {{names: any, at: number}} keys of the list, once they are known
 */
const nextIndex = (list, from, length, keys) => {
  // One by one while that is quick; beyond, the keys are in order.
  for (let i = from; i < from + 1000; i += 1) if (i >= length || hasOwn(list, i)) return min(i, length);
  keys.names ??= ownKeys(list);
  for (; keys.at < keys.names.length; keys.at += 1) {
    const name = keys.names[keys.at];
    const index = isIndex(name) ? IntrinsicNumber(name) : length;
    if (index >= from) return min(index, length);
  }
  return length;
};

/** @param {any} parts @param {number} more */
const addMore = (parts, more) => addPart(parts, `... ${more} more item${more === 1 ? '' : 's'}`);

/** @param {any} error @param {string | null} name @returns {KindOf} */
const errorKind = (error, name) => {
  const own = getOwnPropertyDescriptor(error, 'stack');
  // V8's own accessor is safe to run; one of the script's is not.
  const stack = own === undefined || hasOwn(own, 'value') || own.get === stackGetter ? read(error, 'stack') : undefined;
  const text = typeof stack === 'string' && stack !== '' ? stack : `[${safeSummary(error)}]`;
  const framed = indexOfText(text, '\n    at ') < 0 && text[0] !== '[' ? `[${text}]` : text;
  return { prefix: framed, brief: name ?? 'Error', leaf: true, error: true };
};

const stackGetter = getOwnPropertyDescriptor(new IntrinsicError(), 'stack')?.get;

/** "Name: message" without running a getter. @param {any} error */
const safeSummary = (error) => {
  const name = textOr(inheritedData(error, 'name'), 'Error');
  const message = textOr(inheritedData(error, 'message'), '');
  return message === '' ? name : `${name}: ${message}`;
};

/** @param {any} object @param {string} key */
const inheritedData = (object, key) => {
  for (let at = object, i = 0; at !== null && i < 20; at = getPrototypeOf(at), i += 1) if (hasOwn(at, key)) return dataValue(at, key);
  return undefined;
};

/** @param {any} map @param {string | null} name @returns {KindOf} */
const mapKind = (map, name) => ({
  prefix: `${name ?? 'Map'}(${mapSize(map)})`,
  brief: name ?? 'Map',
  size: mapSize(map),
  fill(look, parts, depth, here) {
    let more = 0;
    mapForEach(map, (/** @type {any} */ value, /** @type {any} */ key) => {
      if (parts.count >= MAX_ITEMS) more += 1;
      else addPart(parts, `${inspectValue(look, key, depth + 1, here)} => ${inspectValue(look, value, depth + 1, here)}`);
    });
    if (more > 0) addMore(parts, more);
  },
});

/** @param {any} set @param {string | null} name @returns {KindOf} */
const setKind = (set, name) => ({
  prefix: `${name ?? 'Set'}(${setSize(set)})`,
  brief: name ?? 'Set',
  size: setSize(set),
  fill(look, parts, depth, here) {
    let more = 0;
    setForEach(set, (/** @type {any} */ item) => {
      if (parts.count >= MAX_ITEMS) more += 1;
      else addPart(parts, inspectValue(look, item, depth + 1, here));
    });
    if (more > 0) addMore(parts, more);
  },
});

/** @param {any} view @returns {KindOf} */
const typedKind = (view) => {
  const length = typedLength(view);
  return {
    prefix: `${typedTag(view)}(${length})`,
    brief: typedTag(view),
    size: length,
    open: '[',
    close: ']',
    indexed: true,
    columns: true,
    numeric: true,
    more: length > MAX_ITEMS,
    fill(look, parts, depth, here) {
      for (let i = 0; i < length && i < MAX_ITEMS; i += 1) addPart(parts, inspectValue(look, view[i], depth + 1, here));
      if (length > MAX_ITEMS) addMore(parts, length - MAX_ITEMS);
    },
  };
};

/** @param {any} view a DataView @returns {KindOf} */
const viewKind = (view) => ({
  ...plainKind('DataView', ''),
  fill(look, parts, depth, here) {
    addPart(parts, `[byteLength]: ${viewLength(view)}`);
    addPart(parts, `[byteOffset]: ${viewOffset(view)}`);
    addPart(parts, `[buffer]: ${inspectValue(look, viewBuffer(view), depth + 1, here)}`);
  },
});

/** @param {any} buffer @returns {KindOf} */
const bufferKind = (buffer) => ({
  ...plainKind('ArrayBuffer', ''),
  fill(_look, parts) {
    const bytes = new IntrinsicUint8Array(buffer);
    const length = typedLength(bytes);
    let shown = '';
    for (let i = 0; i < length && i < MAX_ITEMS; i += 1) {
      const byte = /** @type {number} */ (bytes[i]);
      shown += `${i === 0 ? '' : ' '}${HEX[byte >> 4]}${HEX[byte & 15]}`;
    }
    if (length > MAX_ITEMS) shown += ` ... ${length - MAX_ITEMS} more byte${length - MAX_ITEMS === 1 ? '' : 's'}`;
    addPart(parts, `[Uint8Contents]: <${shown}>`);
    addPart(parts, `[byteLength]: ${length}`);
  },
});

const HEX = '0123456789abcdef';

/** The classes of the web that a script has used, as they are shown. */
const webKinds = newParts();

/** @param {any} object @returns {((object: any, look: any, parts: any, depth: number, here: any) => void) | null} */
const webKind = (object) => {
  for (let i = 0; i < webKinds.count; i += 1) if (hasSlot(webKinds[i].probe, object)) return webKinds[i].show;
  return null;
};

/**
 * Has objects of a class of the web shown as Node shows them.
 * @param {any} made the class @param {(object: any) => any} probe throws for what is none of it @param {any} show
 */
const showAs = (made, probe, show) => {
  define(made.prototype, toStringTag, made.name, false);
  addPart(webKinds, /** @type {any} */ ({ probe, show }));
};

/** The same by what getters of it give. @param {any} made @param {string[]} names */
const showGetters = (made, names) => {
  const getters = newParts();
  for (let i = 0; i < names.length; i += 1) addPart(getters, /** @type {any} */ (getterOf(made.prototype, /** @type {string} */ (names[i]))));
  showAs(made, getters[0], (/** @type {any} */ object, /** @type {Look} */ look, /** @type {any} */ parts, /** @type {number} */ depth, /** @type {Above} */ here) => {
    for (let i = 0; i < names.length; i += 1) addPart(parts, `${names[i]}: ${inspectValue(look, getters[i](object), depth + 1, here)}`);
  });
};

/** The class an object was made by, found without running any code of the script. @param {any} object */
const className = (object) => {
  let prototype = getPrototypeOf(object);
  for (let i = 0; prototype !== null && i < 20; i += 1) {
    const made = dataValue(prototype, 'constructor');
    if (typeof made === 'function') {
      const name = dataValue(made, 'name');
      if (typeof name === 'string' && name !== '') return name;
    }
    prototype = getPrototypeOf(prototype);
  }
  return null;
};
