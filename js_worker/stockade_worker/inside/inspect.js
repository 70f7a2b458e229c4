// A value as a person reads it on the console, in the manner of Node. Getters, proxies and toString of the script never run.

const MAX_INSPECT_DEPTH = 2;
const MAX_ITEMS = 100;
const MAX_STRING = 10_000;
// Longer texts are cut into their lines.
const MIN_SPLIT_STRING = 16;
// Node shows every key of an object; this bounds the time that takes.
const MAX_NODES = 10_000;

/**
 * One inspection: where it stands, and what it has met.
 * @typedef {{nodes: number, indent: number, deepest: number, maxDepth: number, circular: any}} Look
 * @typedef {{object: any, up: Above | null}} Above
 */

/** @param {any} value @param {number} [maxDepth] @returns {string} */
const inspect = (value, maxDepth = MAX_INSPECT_DEPTH) => {
  /** @type {Look} */
  const look = { nodes: 0, indent: 0, deepest: 0, maxDepth, circular: newParts() };
  return inspectValue(look, value, 0, null);
};

/** @param {Look} look @param {any} value @param {number} depth @param {Above | null} up @returns {string} */
const inspectValue = (look, value, depth, up) => {
  look.nodes += 1;
  if (look.nodes > MAX_NODES) return '...';
  switch (typeof value) {
    case 'string':
      return inspectText(look, value);
    case 'number':
      return value === 0 && 1 / value < 0 ? '-0' : `${value}`;
    case 'bigint':
      return `${bigIntToString(value)}n`;
    case 'symbol':
      return symbolToString(value);
    case 'function':
    case 'object':
      return value === null ? 'null' : inspectObject(look, targetOf(value), depth, up);
    default:
      return `${value}`;
  }
};

/** @param {Look} look @param {string} text */
const inspectText = (look, text) => {
  const kept = text.length > MAX_STRING ? sliceText(text, 0, MAX_STRING) : text;
  const more = text.length - kept.length;
  const end = more > 0 ? `... ${more} more character${more === 1 ? '' : 's'}` : '';
  if (kept.length <= MIN_SPLIT_STRING || kept.length <= LINE_WIDTH - look.indent - 4 || indexOfText(kept, '\n') < 0) return quote(kept) + end;
  let out = '';
  let from = 0;
  while (from < kept.length) {
    const at = indexOfText(kept, '\n', from);
    const stop = at < 0 ? kept.length : at + 1;
    out += `${from === 0 ? '' : ` +\n${repeatText(' ', look.indent + 2)}`}${quote(sliceText(kept, from, stop))}`;
    from = stop;
  }
  return out + end;
};

/** @param {string} text */
const quote = (text) => {
  const mark = indexOfText(text, "'") < 0 ? "'" : indexOfText(text, '"') < 0 ? '"' : indexOfText(text, '`') < 0 && indexOfText(text, '${') < 0 ? '`' : "'";
  let out = mark;
  for (let i = 0; i < text.length; i += 1) {
    const code = charCodeAt(text, i);
    const short = SHORT_ESCAPES[code];
    if (short !== undefined) out += short;
    else if (code < 32 || (code >= 127 && code < 160)) out += `\\x${code < 16 ? '0' : ''}${upperHex(code)}`;
    else if (code >= 0xd800 && code <= 0xdfff && isHalf(text, i, code)) out += `\\u${HEX[code >> 12]}${HEX[(code >> 8) & 15]}${HEX[(code >> 4) & 15]}${HEX[code & 15]}`;
    else if (text[i] === mark) out += `\\${mark}`;
    else out += text[i];
  }
  return out + mark;
};

/** Whether a surrogate stands without its other half. @param {string} text @param {number} at @param {number} code of it */
const isHalf = (text, at, code) => {
  const other = charCodeAt(text, code < 0xdc00 ? at + 1 : at - 1);
  return code < 0xdc00 ? !(other >= 0xdc00 && other <= 0xdfff) : !(other >= 0xd800 && other <= 0xdbff);
};

const SHORT_ESCAPES = /** @type {any} */ ({ __proto__: null, 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r', 92: '\\\\' });

/** @param {number} code below 256 */
const upperHex = (code) => {
  const digits = '0123456789ABCDEF';
  return `${code < 16 ? '' : digits[code >> 4]}${digits[code & 15]}`;
};

/** @param {Look} look @param {any} object @param {number} depth @param {Above | null} up @returns {string} */
const inspectObject = (look, object, depth, up) => {
  for (let above = up; above !== null; above = above.up) if (above.object === object) return circularMark(look, object);
  // Without a prototype: what a kind leaves out is not what a script gave to all objects.
  const kind = { __proto__: null, ...kindOf(object) };
  if (!isEmpty(object, kind)) {
    if (depth > look.maxDepth && !kind.leaf) return `[${kind.brief}]`;
    look.deepest = depth;
  }
  if (kind.error) kind.prefix = indentedAfter(kind.prefix, repeatText(' ', look.indent));
  const here = { object, up };
  const parts = newParts();
  look.indent += 2;
  if (kind.fill !== undefined) kind.fill(look, parts, depth, here);
  addFields(look, parts, object, depth, here, kind);
  look.indent -= 2;
  const nested = look.deepest - depth;
  const text = kind.leaf && parts.count === 0
    ? kind.prefix
    : layOut(parts, kind.prefix, kind.open ?? '{', kind.close ?? '}', { leaf: kind.leaf === true, list: kind.columns === true, more: kind.more === true, numeric: kind.numeric === true, nested, indent: look.indent });
  const number = circularNumber(look, object);
  return number === 0 ? text : `<ref *${number}> ${text}`;
};

/** Each line but the first further in. @param {string} text @param {string} indent */
const indentedAfter = (text, indent) => sliceText(indented(text, indent), indent.length);

/** What is empty is shown as it is, however deep. @param {any} object @param {any} kind */
const isEmpty = (object, kind) => (kind.fill === undefined || kind.size === 0) && keysOf(object).length === 0;

/** @param {Look} look @param {any} object */
const circularMark = (look, object) => {
  let number = circularNumber(look, object);
  if (number === 0) {
    addPart(look.circular, object);
    number = look.circular.count;
  }
  return `[Circular *${number}]`;
};

/** @param {Look} look @param {any} object */
const circularNumber = (look, object) => {
  for (let i = 0; i < look.circular.count; i += 1) if (look.circular[i] === object) return i + 1;
  return 0;
};

/** @param {Look} look @param {any} parts @param {any} object @param {number} depth @param {Above} here @param {any} kind */
const addFields = (look, parts, object, depth, here, kind) => {
  const names = ownKeys(object);
  for (let i = 0; i < names.length; i += 1) {
    const key = /** @type {string | symbol} */ (names[i]);
    if (kind.indexed && isIndex(key)) continue;
    const descriptor = getOwnPropertyDescriptor(object, key);
    if (descriptor === undefined || !descriptor.enumerable || (kind.error && isSaid(object, key, kind.prefix))) continue;
    if (look.nodes > MAX_NODES) {
      addPart(parts, '...');
      return;
    }
    addPart(parts, `${fieldName(key)}: ${slotText(look, descriptor, depth, here)}`);
  }
  if (kind.error) {
    addHidden(look, parts, object, 'cause', depth, here);
    addHidden(look, parts, object, 'errors', depth, here);
  }
};

/** What an error keeps out of its listed fields. @param {Look} look @param {any} parts @param {any} error @param {string} key @param {number} depth @param {Above} here */
const addHidden = (look, parts, error, key, depth, here) => {
  const descriptor = getOwnPropertyDescriptor(error, key);
  if (descriptor !== undefined && !descriptor.enumerable) addPart(parts, `[${key}]: ${slotText(look, descriptor, depth, here)}`);
};

/** Whether the stack that is shown already says what this field of an error holds. @param {any} error @param {string | symbol} key @param {string} stack */
const isSaid = (error, key, stack) => {
  if (key !== 'name' && key !== 'message' && key !== 'stack') return false;
  const value = dataValue(error, key);
  return typeof value === 'string' && indexOfText(stack, value) >= 0;
};

/** @param {Look} look @param {PropertyDescriptor} descriptor @param {number} depth @param {Above} here @returns {string} */
const slotText = (look, descriptor, depth, here) => {
  if (hasOwn(descriptor, 'value')) return inspectValue(look, descriptor.value, depth + 1, here);
  if (descriptor.get === undefined) return '[Setter]';
  return descriptor.set === undefined ? '[Getter]' : '[Getter/Setter]';
};

/** @param {any} key */
const isIndex = (key) => {
  if (typeof key !== 'string' || key === '' || key.length > 10) return false;
  for (let i = 0; i < key.length; i += 1) if (charCodeAt(key, i) < 48 || charCodeAt(key, i) > 57) return false;
  return true;
};

/** @param {string | symbol} key @returns {string} */
const fieldName = (key) => {
  if (typeof key === 'symbol') return symbolToString(key);
  for (let i = 0; i < key.length; i += 1) {
    const code = charCodeAt(key, i);
    const letter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
    if (!letter && !(i > 0 && code >= 48 && code <= 57)) return quote(key);
  }
  return key === '' ? "''" : key === '__proto__' ? "['__proto__']" : key;
};

/** The value of an own data property; never runs a getter. @param {any} object @param {PropertyKey} key */
const dataValue = (object, key) => {
  const descriptor = getOwnPropertyDescriptor(object, key);
  return descriptor !== undefined && hasOwn(descriptor, 'value') ? descriptor.value : undefined;
};
