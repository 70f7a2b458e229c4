// A thrown value as plain text and positions: the user's own frames, no frame of ours, no path of the machine.

const MAX_NAME = 200;
const MAX_TEXT = 8192;
// Tried in turn until the message fits a line: one that ends a run must always go out.
const TEXT_LIMITS = [MAX_TEXT, 1024, 100];
const MAX_CAUSES = 8;
const MAX_ERRORS = 20;
const MAX_FIELDS = 20;
const MAX_FIELD_TEXT = 1000;
const SCRIPT_NAME = 'script.js';

/** How many lines the user wrote: whatever comes after them is ours. */
let lines = 0;
/**
 * Where the source that runs differs from what the user wrote: at that column of that line, so many columns were put in.
 * Sorted by line and column.
 * @type {{line: number, column: number, added: number}[]}
 */
let edits = [];
/** A name of ours that V8 may have given to functions without one. @type {string | undefined} */
let hidden = '';

/** @param {number} line @param {number} column */
const userColumn = (line, column) => {
  let user = column;
  for (let i = 0; i < edits.length; i += 1) {
    const edit = /** @type {{line: number, column: number, added: number}} */ (edits[i]);
    if (edit.line !== line || edit.column >= column) continue;
    user -= column - edit.column < edit.added ? column - edit.column : edit.added;
  }
  return user;
};

/**
 * V8 and Node call this for every error of the context, and the script cannot replace it. It never throws.
 * @param {any} error @param {any} sites
 */
const prepareStackTrace = (error, sites) => {
  let text = 'Error';
  try {
    text = summary(error);
    for (let i = 0; i < sites.length; i += 1) text += frameText(sites[i]);
    return cut(text, MAX_TEXT);
  } catch {
    // Out of stack while formatting: the frames so far are what there is.
    return text;
  }
};

/** @param {any} site */
const frameText = (site) => {
  if (site.getFileName() !== SCRIPT_NAME) return '';
  const line = site.getLineNumber();
  if (line < 1 || line > lines) return '';
  const place = `${SCRIPT_NAME}:${line}:${userColumn(line, site.getColumnNumber())}`;
  const name = site.getFunctionName();
  if (typeof name !== 'string' || name === '' || name === hidden) return `\n    at ${place}`;
  return `\n    at ${site.isAsync() ? 'async ' : site.isConstructor() ? 'new ' : ''}${name} (${place})`;
};

/**
 * "Name: message" of anything thrown. Never throws.
 * @param {any} error @param {number} [limit] @returns {string}
 */
const summary = (error, limit = MAX_TEXT) => {
  try {
    if (!isError(error)) return cut(thrownText(error), limit);
    const name = nameOf(error);
    const message = cut(textOr(read(error, 'message'), ''), limit);
    return message === '' ? name : `${name}: ${message}`;
  } catch {
    return 'Error';
  }
};

/** @param {any} error */
const nameOf = (error) => cut(textOr(read(error, 'name'), 'Error'), MAX_NAME);

/** @param {any} value */
const thrownText = (value) => (typeof value === 'string' ? value : inspect(value));

/**
 * The fields of a `threw` message, as JSON text of at most so many bytes where that can be had.
 * @param {string} kind @param {any} error @param {number} limit
 */
const describeThrown = (kind, error, limit) => {
  let text = '';
  for (let i = 0; i < TEXT_LIMITS.length; i += 1) {
    text = stringify(thrownFields(kind, error, /** @type {number} */ (TEXT_LIMITS[i])));
    if (utf8Length(text, limit) <= limit) break;
  }
  return text;
};

/** @param {string} kind @param {any} error @param {number} limit */
const thrownFields = (kind, error, limit) => {
  const body = create(null);
  body.kind = kind;
  try {
    const genuine = isError(error);
    body.name = genuine ? nameOf(error) : 'thrown value';
    body.message = genuine ? cut(textOr(read(error, 'message'), ''), limit) : cut(thrownText(error), limit);
    if (!genuine) return body;
    addPlace(body, error, limit);
    addCauses(body, error, limit);
    addErrors(body, error, limit);
    addOwnFields(body, error, limit);
    addShapes(body, limit);
  } catch {
    body.name ??= 'Error';
    body.message ??= '';
  }
  return body;
};

/** @param {any} body @param {any} error @param {number} limit */
const addPlace = (body, error, limit) => {
  // The stack may have been formatted before, when the script read it: then its text is all there is to go by.
  const stack = read(error, 'stack');
  if (typeof stack !== 'string') return;
  const head = summary(error);
  const place = firstPlace(stack, head !== '' && indexOfText(stack, head) === 0 ? head.length : summaryEnd(stack));
  if (place !== null) {
    body.line = place.line;
    body.column = place.column;
  }
  body.stack = cut(stack, limit);
};

/** The first `script.js:line:column` of a stack, from where its frames begin. @param {string} stack @param {number} from */
const firstPlace = (stack, from) => {
  const start = indexOfText(stack, `${SCRIPT_NAME}:`, from);
  if (start < 0) return null;
  const numbers = [0, 0];
  let at = start + SCRIPT_NAME.length;
  for (let part = 0; part < 2; part += 1) {
    at += 1;
    for (let code = charCodeAt(stack, at); code >= 48 && code <= 57; code = charCodeAt(stack, at)) {
      numbers[part] = (numbers[part] ?? 0) * 10 + (code - 48);
      at += 1;
    }
  }
  const line = numbers[0] ?? 0;
  const column = numbers[1] ?? 0;
  return line > 0 && line < 1e7 && column < 1e9 ? { line, column } : null;
};

/** Where the frames begin, of a stack whose error has another message by now. @param {string} stack */
const summaryEnd = (stack) => {
  const frames = indexOfText(stack, '\n    at ');
  return frames < 0 ? stack.length : frames;
};

/** @param {any} body @param {any} error @param {number} limit */
const addCauses = (body, error, limit) => {
  const causes = newList();
  const told = newParts();
  addPart(told, error);
  let cause = read(error, 'cause');
  for (let i = 0; i < MAX_CAUSES && cause !== undefined && cause !== null && !isAmong(told, cause); i += 1) {
    addPart(told, cause);
    define(causes, i, summary(cause, limit), true);
    cause = isError(cause) ? read(cause, 'cause') : undefined;
  }
  if (causes.length > 0) body.cause = causes;
};

/** @param {any} parts @param {any} value */
const isAmong = (parts, value) => {
  for (let i = 0; i < parts.count; i += 1) if (parts[i] === value) return true;
  return false;
};

/** What an AggregateError holds. @param {any} body @param {any} error @param {number} limit */
const addErrors = (body, error, limit) => {
  const held = dataValue(error, 'errors');
  if (!isArray(held)) return;
  const errors = newList();
  for (let i = 0; i < held.length && i < MAX_ERRORS; i += 1) define(errors, i, summary(dataValue(held, i), limit), true);
  if (errors.length > 0) body.errors = errors;
};

/** The fields a script or a binding gave to an error: `code`, `status`, … @param {any} body @param {any} error @param {number} limit */
const addOwnFields = (body, error, limit) => {
  const fields = create(null);
  const names = keysOf(error);
  let count = 0;
  for (let i = 0; i < names.length && count < MAX_FIELDS; i += 1) {
    const name = /** @type {string} */ (names[i]);
    if (name === 'name' || name === 'message' || name === 'stack' || name === 'cause' || name === 'errors') continue;
    const descriptor = getOwnPropertyDescriptor(error, name);
    if (descriptor === undefined || !hasOwn(descriptor, 'value')) continue;
    fields[cut(name, MAX_NAME)] = fieldValue(descriptor.value, limit < MAX_FIELD_TEXT ? limit : MAX_FIELD_TEXT);
    count += 1;
  }
  if (count > 0) body.fields = fields;
};

/** What a hint needs to know. @param {any} body @param {number} limit */
const addShapes = (body, limit) => {
  const missed = indexOfText(body.message, 'Cannot read properties of undefined') === 0 || indexOfText(body.message, ' is not ') > 0;
  if (limit >= MAX_TEXT && missed) body.shapes = notedShapes();
};

/** @param {any} value @param {number} limit */
const fieldValue = (value, limit) => {
  if (typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number' && isFiniteNumber(value)) return value;
  return cut(typeof value === 'string' ? value : inspect(value), limit);
};

/** An array whose JSON no patched `toJSON` can change. @returns {any} */
const newList = () => {
  /** @type {any} */
  const list = [];
  define(list, 'toJSON', undefined, false);
  return list;
};
