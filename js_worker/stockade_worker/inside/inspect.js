// A value as a person reads it on the console, in the manner of Node. Getters and toString of the script never run.

const MAX_INSPECT_DEPTH = 2;
const MAX_ITEMS = 100;
const MAX_STRING = 10_000;
const LINE_WIDTH = 72;
const MAX_NODES = 5_000;

let nodes = 0;

/** One console argument list as one text. @param {any} args an array @returns {string} */
const formatLog = (args) => {
  let start = 0;
  let text = '';
  if (typeof args[0] === 'string') {
    const done = fillPlaceholders(args);
    text = done.text;
    start = done.used;
  }
  for (let i = start; i < args.length; i += 1) {
    text += `${i === 0 ? '' : ' '}${typeof args[i] === 'string' ? args[i] : inspect(args[i])}`;
  }
  return text;
};

/** `%s %d %i %f %j %o %O %c` of the first argument. @param {any} args */
const fillPlaceholders = (args) => {
  const format = args[0];
  let used = 1;
  let text = '';
  let from = 0;
  for (let at = indexOfText(format, '%', 0); at >= 0 && at < format.length - 1; at = indexOfText(format, '%', at)) {
    const letter = format[at + 1];
    let filled;
    if (letter === '%') filled = '%';
    else if (used < args.length) filled = placeholder(letter, args[used]);
    if (filled === undefined) {
      at += 1;
      continue;
    }
    if (letter !== '%') used += 1;
    text += sliceText(format, from, at) + filled;
    at += 2;
    from = at;
  }
  return { text: text + sliceText(format, from), used };
};

/** @param {string} letter @param {any} value @returns {string | undefined} */
const placeholder = (letter, value) => {
  switch (letter) {
    case 's':
      return typeof value === 'string' ? value : inspect(value);
    case 'd':
      return typeof value === 'bigint' ? inspect(value) : typeof value === 'object' ? 'NaN' : inspect(toNumber(value));
    case 'i':
      return inspect(IntrinsicNumber.parseInt === undefined ? NaN : truncated(toNumber(value)));
    case 'f':
      return inspect(toNumber(value));
    case 'j':
      try {
        return stringify(value);
      } catch {
        return '[Circular]';
      }
    case 'o':
    case 'O':
      return inspect(value);
    case 'c':
      return '';
    default:
      return undefined;
  }
};

/** @param {any} value */
const toNumber = (value) => (typeof value === 'object' || typeof value === 'symbol' ? NaN : IntrinsicNumber(value));
/** @param {number} value */
const truncated = (value) => (isFiniteNumber(value) ? value - (value % 1) : NaN);

/** @param {any} value @returns {string} */
const inspect = (value) => {
  nodes = 0;
  try {
    return inspectValue(value, 0, null, false);
  } catch {
    return '[value that cannot be shown]';
  }
};

/** @param {any} value @param {number} depth @param {any} up @param {boolean} quoted @returns {string} */
const inspectValue = (value, depth, up, quoted) => {
  nodes += 1;
  if (nodes > MAX_NODES) return '…';
  switch (typeof value) {
    case 'string':
      return quoted || depth > 0 ? quote(value) : quote(value);
    case 'number':
      return value === 0 && 1 / value < 0 ? '-0' : `${value}`;
    case 'bigint':
      return `${bigIntToString(value)}n`;
    case 'symbol':
      return symbolToString(value);
    case 'function':
      return inspectFunction(value);
    case 'object':
      return value === null ? 'null' : inspectObject(value, depth, up);
    default:
      return `${value}`;
  }
};

/** @param {string} text */
const quote = (text) => {
  const kept = cut(text, MAX_STRING);
  const mark = indexOfText(kept, "'") < 0 ? "'" : indexOfText(kept, '"') < 0 ? '"' : indexOfText(kept, '`') < 0 ? '`' : "'";
  let out = mark;
  for (let i = 0; i < kept.length; i += 1) {
    const code = charCodeAt(kept, i);
    if (code === 10) out += '\\n';
    else if (code === 9) out += '\\t';
    else if (code === 13) out += '\\r';
    else if (kept[i] === mark || code === 92) out += `\\${kept[i]}`;
    else out += kept[i];
  }
  return out + mark;
};

/** Whether a function is a class, which cannot be called. @param {any} value */
const isClass = (value) => indexOfText(functionToString(value), 'class') === 0;

/** @param {any} value */
const inspectFunction = (value) => {
  const name = dataValue(value, 'name');
  const shown = typeof name === 'string' && name !== '' ? name : '(anonymous)';
  if (isClass(value)) return `[class ${shown}]`;
  return shown === '(anonymous)' ? '[Function (anonymous)]' : `[Function: ${shown}]`;
};

/** The value of an own data property; never runs a getter. @param {any} object @param {PropertyKey} key */
const dataValue = (object, key) => {
  const descriptor = getOwnPropertyDescriptor(object, key);
  return descriptor !== undefined && hasOwn(descriptor, 'value') ? descriptor.value : undefined;
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

/** @param {any} object @param {number} depth @param {any} up @returns {string} */
const inspectObject = (object, depth, up) => {
  for (let above = up; above !== null; above = above.up) if (above.object === object) return '[Circular *1]';
  if (isError(object)) return inspectError(object, depth, up);
  if (hasSlot(dateGetTime, object)) {
    return isFiniteNumber(dateGetTime(object)) ? dateToISOString(object) : 'Invalid Date';
  }
  const name = className(object);
  const list = isArray(object);
  const map = !list && hasSlot(mapSize, object);
  const set = !list && !map && hasSlot(setSize, object);
  const typed = isView(object) && hasSlot(typedLength, object);
  const prefix = objectPrefix(object, name, { list, map, set, typed });
  if (depth > MAX_INSPECT_DEPTH) return `[${list ? 'Array' : (name ?? 'Object: null prototype')}]`;
  const here = { object, up };
  const parts = newParts();
  if (list) addItems(parts, object.length, (i) => dataSlot(object, i, depth, here));
  else if (typed) addItems(parts, typedLength(object), (i) => inspectValue(/** @type {any} */ (object)[i], depth + 1, here, true));
  else if (map) {
    mapForEach(object, (/** @type {any} */ value, /** @type {any} */ key) =>
      addPart(parts, () => `${inspectValue(key, depth + 1, here, true)} => ${inspectValue(value, depth + 1, here, true)}`));
  } else if (set) setForEach(object, (/** @type {any} */ item) => addPart(parts, () => inspectValue(item, depth + 1, here, true)));
  if (!typed) addFields(parts, object, depth, here, list);
  return layOut(parts, prefix, list || typed ? '[' : '{', list || typed ? ']' : '}', depth);
};

/** @param {any} object @param {string | null} name @param {any} is */
const objectPrefix = (object, name, is) => {
  if (is.list) return name === 'Array' ? '' : `${name ?? 'Array: null prototype'}(${object.length}) `;
  if (is.map) return `${name ?? 'Map'}(${mapSize(object)}) `;
  if (is.set) return `${name ?? 'Set'}(${setSize(object)}) `;
  if (is.typed) return `${typedTag(object)}(${typedLength(object)}) `;
  if (isPrototypeOf(PromisePrototype, object)) return 'Promise ';
  if (name === 'RegExp' && hasSlot(regExpToString, object)) return `${regExpToString(object)} `;
  if (name === null) return '[Object: null prototype] ';
  return name === 'Object' ? '' : `${name} `;
};

/** @param {any} error @param {number} depth @param {any} up */
const inspectError = (error, depth, up) => {
  const stack = read(error, 'stack');
  const text = typeof stack === 'string' && stack !== '' ? stack : summary(error);
  const parts = newParts();
  const here = { object: error, up };
  const names = ownKeys(error);
  for (let i = 0; i < names.length; i += 1) {
    const key = names[i];
    if (key === 'stack' || key === 'message' || typeof key === 'symbol') continue;
    const descriptor = getOwnPropertyDescriptor(error, /** @type {string} */ (key));
    if (descriptor === undefined || (!descriptor.enumerable && key !== 'cause')) continue;
    addPart(parts, () => `${key === 'cause' ? '[cause]' : fieldName(key)}: ${slot(descriptor, depth, here)}`);
  }
  return parts.count === 0 ? text : layOut(parts, `${text} `, '{', '}', depth);
};

const newParts = () => {
  const parts = create(null);
  parts.count = 0;
  parts.more = 0;
  parts.width = 0;
  parts.lines = false;
  return parts;
};

/** @param {any} parts @param {() => string} make */
const addPart = (parts, make) => {
  if (parts.count >= MAX_ITEMS) {
    parts.more += 1;
    return;
  }
  const text = make();
  parts[parts.count] = text;
  parts.count += 1;
  parts.width += text.length + 2;
  if (indexOfText(text, '\n') >= 0) parts.lines = true;
};

/** @param {any} parts @param {number} length @param {(index: number) => string} show */
const addItems = (parts, length, show) => {
  for (let i = 0; i < length && i < MAX_ITEMS; i += 1) addPart(parts, () => show(i));
  if (length > MAX_ITEMS) parts.more += length - MAX_ITEMS;
};

/** @param {any} object @param {number} index @param {number} depth @param {any} here */
const dataSlot = (object, index, depth, here) => {
  const descriptor = getOwnPropertyDescriptor(object, index);
  return descriptor === undefined ? '<empty item>' : slot(descriptor, depth, here);
};

/** @param {PropertyDescriptor} descriptor @param {number} depth @param {any} here */
const slot = (descriptor, depth, here) => {
  if (hasOwn(descriptor, 'value')) return inspectValue(descriptor.value, depth + 1, here, true);
  if (descriptor.get === undefined) return '[Setter]';
  return descriptor.set === undefined ? '[Getter]' : '[Getter/Setter]';
};

/** @param {any} parts @param {any} object @param {number} depth @param {any} here @param {boolean} list */
const addFields = (parts, object, depth, here, list) => {
  const names = ownKeys(object);
  for (let i = 0; i < names.length; i += 1) {
    const key = names[i];
    if (list && (key === 'length' || isIndex(key))) continue;
    const descriptor = getOwnPropertyDescriptor(object, /** @type {PropertyKey} */ (key));
    if (descriptor === undefined || !descriptor.enumerable) continue;
    addPart(parts, () => `${fieldName(key)}: ${slot(descriptor, depth, here)}`);
  }
};

/** @param {any} key */
const isIndex = (key) => typeof key === 'string' && key !== '' && isInteger(IntrinsicNumber(key));

/** @param {any} key @returns {string} */
const fieldName = (key) => {
  if (typeof key === 'symbol') return `[${symbolToString(key)}]`;
  for (let i = 0; i < key.length; i += 1) {
    const code = charCodeAt(key, i);
    const letter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === 36;
    if (!letter && !(i > 0 && code >= 48 && code <= 57)) return quote(key);
  }
  return key === '' ? "''" : key;
};

/** On one line when it fits, else one part a line. @param {any} parts @param {string} prefix @param {string} open @param {string} close @param {number} depth */
const layOut = (parts, prefix, open, close, depth) => {
  if (parts.more > 0) {
    parts[parts.count] = `... ${parts.more} more item${parts.more === 1 ? '' : 's'}`;
    parts.count += 1;
  }
  if (parts.count === 0) {
    const isRegExp = prefix !== '' && prefix[0] === '/';
    return isRegExp ? sliceText(prefix, 0, -1) : `${prefix}${open}${close}`;
  }
  const fits = !parts.lines && parts.width + prefix.length + depth * 2 <= LINE_WIDTH;
  const indent = repeatText('  ', depth);
  const separator = fits ? ', ' : `,\n${indent}  `;
  let text = '';
  for (let i = 0; i < parts.count; i += 1) text += `${i === 0 ? '' : separator}${parts[i]}`;
  return fits
    ? `${prefix}${open} ${text} ${close}`
    : `${prefix}${open}\n${indent}  ${text}\n${indent}${close}`;
};
