// A thrown value as plain text and positions: the user's own frames, no frame of ours, no path of the machine.

const MAX_NAME = 200;
const MAX_MESSAGE = 8192;
const MAX_STACK = 8192;
const MAX_CAUSES = 8;
const SCRIPT_NAME = 'script.js';

/**
 * Where the source that runs differs from the source the user wrote: from `column` of `line` on, columns are `shift` too large;
 * and past its `lines` everything is ours.
 * @type {{lines: number, line: number, column: number, shift: number}}
 */
let edit = { lines: 0, line: 0, column: 0, shift: 0 };

/** @param {number} line @param {number} column */
const userColumn = (line, column) => (line === edit.line && column >= edit.column + edit.shift ? column - edit.shift : column);

/**
 * V8 and Node call this for every error of the context, and the script cannot replace it. It never throws.
 * @param {any} error @param {any} sites
 */
const prepareStackTrace = (error, sites) => {
  let text = summary(error);
  try {
    for (let i = 0; i < sites.length; i += 1) {
      const site = sites[i];
      if (site.getFileName() !== SCRIPT_NAME) continue;
      const line = site.getLineNumber();
      if (line < 1 || line > edit.lines) continue;
      const column = userColumn(line, site.getColumnNumber());
      const name = site.getFunctionName();
      const place = `${SCRIPT_NAME}:${line}:${column}`;
      text += typeof name === 'string' && name !== '' ? `\n    at ${name} (${place})` : `\n    at ${place}`;
    }
  } catch {
    // Out of stack while formatting: the frames so far are what there is.
  }
  return cut(text, MAX_STACK);
};

/**
 * "Name: message" of anything thrown. Never throws.
 * @param {any} error @returns {string}
 */
const summary = (error) => {
  try {
    if (!isError(error)) return cut(thrownText(error), MAX_MESSAGE);
    const name = cut(textOr(read(error, 'name'), 'Error'), MAX_NAME);
    const message = cut(textOr(read(error, 'message'), ''), MAX_MESSAGE);
    return message === '' ? name : `${name}: ${message}`;
  } catch {
    return 'Error';
  }
};

/** @param {any} value */
const thrownText = (value) => (typeof value === 'string' ? value : inspect(value));

/**
 * The fields of a `threw` message, as JSON text.
 * @param {string} kind @param {any} error
 */
const describeThrown = (kind, error) => {
  const body = create(null);
  body.kind = kind;
  try {
    const genuine = isError(error);
    body.name = genuine ? cut(textOr(read(error, 'name'), 'Error'), MAX_NAME) : 'thrown value';
    body.message = genuine ? cut(textOr(read(error, 'message'), ''), MAX_MESSAGE) : cut(thrownText(error), MAX_MESSAGE);
    if (genuine) addPlace(body, error);
    addCauses(body, error);
  } catch {
    body.name ??= 'Error';
    body.message ??= '';
  }
  return stringify(body);
};

/** @param {any} body @param {any} error */
const addPlace = (body, error) => {
  // The stack may have been formatted before, when the script read it: then its text is all there is to go by.
  const stack = read(error, 'stack');
  if (typeof stack !== 'string') return;
  body.stack = cut(stack, MAX_STACK);
  const place = firstPlace(stack);
  if (place === null) return;
  body.line = place.line;
  body.column = place.column;
};

/** The first `script.js:line:column` of a stack. @param {string} stack */
const firstPlace = (stack) => {
  const start = indexOfText(stack, `${SCRIPT_NAME}:`, summaryEnd(stack));
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

/** Where the frames begin: a message may itself speak of `script.js:1:1`. @param {string} stack */
const summaryEnd = (stack) => {
  const frames = indexOfText(stack, '\n    at ');
  return frames < 0 ? stack.length : frames;
};

/** @param {any} body @param {any} error */
const addCauses = (body, error) => {
  /** @type {any} */
  const causes = [];
  let cause = read(error, 'cause');
  for (let i = 0; i < MAX_CAUSES && cause !== undefined && cause !== null; i += 1) {
    define(causes, i, summary(cause), true);
    cause = isError(cause) ? read(cause, 'cause') : undefined;
  }
  define(causes, 'toJSON', undefined, false);
  if (causes.length > 0) body.cause = causes;
};
