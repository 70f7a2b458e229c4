// The script's only way out. Nothing but strings, numbers and booleans crosses: `emit` takes them out, the functions
// returned at the end take them in. `emit` is the one host function here. It stays in this closure and is called only
// inside a try whose catch drops what it caught, so that no host error can reach the script either.

const CONSOLE = 1;
const CALL = 2;
const RETURNED = 3;
const THREW = 4;

// Longer lines are cut, with a mark that says how much.
const MAX_CONSOLE_TEXT = 64 * 1024;
// What a call's number, name and envelope may take of a line, beside its arguments.
const ENVELOPE_BYTES = 1024;
// setTimeout holds its delay in 32 bits, as every JavaScript engine does.
const MAX_DELAY_MS = 2 ** 31 - 1;

let ended = false;
let calls = 0;
let inFlight = 0;
/** Calls and timers that wait for an answer, by number. @type {any} */
const waiting = create(null);
/** @type {any} */
let caps = create(null);

/** @param {number} kind @param {any} [a] @param {any} [b] @param {any} [c] @returns {boolean} whether it went out */
const say = (kind, a, b, c) => {
  if (ended) return false;
  try {
    emit(kind, a, b, c);
    return true;
  } catch {
    return false;
  }
};

// ---- endings -------------------------------------------------------------------------------------------------------

/** @param {any} value */
const finish = (value) => {
  let text;
  try {
    text = toJson(value, caps.resultBytes, 'the value');
  } catch (error) {
    failWith(error);
    return;
  }
  if (text !== undefined && utf8Length(text, caps.resultBytes) > caps.resultBytes) {
    failPlainly('result_limit', 'RangeError', 'the value is larger than its limit');
  } else end(RETURNED, text);
};

/** Only what really went out ends the run. @param {number} kind @param {string} [text] */
const end = (kind, text) => {
  if (say(kind, text)) ended = true;
};

/** @param {any} error a thrown value, or the fault of the value writer */
const failWith = (error) => {
  if (error !== null && error === fault) failPlainly(error.kind, error.kind === 'result_limit' ? 'RangeError' : 'TypeError', error.message);
  else fail(error);
};

/** @param {any} error */
const fail = (error) => {
  if (!ended) end(THREW, describeThrown('exception', error));
};

/** @param {string} kind @param {string} name @param {string} message */
const failPlainly = (kind, name, message) => {
  const body = create(null);
  body.kind = kind;
  body.name = name;
  body.message = message;
  end(THREW, stringify(body));
};

/** UTF-8 bytes of a text, counted only where UTF-16 units leave it open. @param {string} text @param {number} limit */
const utf8Length = (text, limit) => {
  if (text.length * 3 <= limit || text.length > limit) return text.length;
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const code = charCodeAt(text, i);
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
};

// ---- calls and timers ----------------------------------------------------------------------------------------------

/**
 * Sends a call. Returns its number, or 0 when the script has used up what it may call: then the run is over.
 * @param {string} name @param {any} args @param {any} entry
 */
const startCall = (name, args, entry) => {
  let text;
  try {
    text = toJson(args, caps.lineBytes - ENVELOPE_BYTES, 'arguments');
  } catch (error) {
    if (error === null || error !== fault) throw error;
    throw new TypeErrorHere(`${name}: ${/** @type {any} */ (error).message}`);
  }
  if (utf8Length(/** @type {string} */ (text), caps.lineBytes - ENVELOPE_BYTES) > caps.lineBytes - ENVELOPE_BYTES) {
    throw new TypeErrorHere(`${name}: the arguments are larger than a message may be`);
  }
  if (calls >= caps.calls) {
    failPlainly('call_limit', 'RangeError', `the script made more than ${caps.calls} calls (timers count)`);
    return 0;
  }
  if (inFlight >= caps.callsInFlight) {
    failPlainly('call_limit', 'RangeError', `the script had more than ${caps.callsInFlight} calls in flight at once (timers count)`);
    return 0;
  }
  if (!say(CALL, calls + 1, name, text)) return 0;
  calls += 1;
  inFlight += 1;
  waiting[calls] = entry;
  return calls;
};

const TypeErrorHere = TypeError;

/** @param {string} name */
const bindingFunction = (name) => {
  const holder = {
    /** @param {any[]} args */
    [name]: (...args) =>
      new IntrinsicPromise((resolve, reject) => {
        const entry = create(null);
        entry.resolve = resolve;
        entry.reject = reject;
        startCall(name, args, entry);
      }),
  };
  return holder[name];
};

/** @param {boolean} repeats */
const timerFunction = (repeats) => (/** @type {any} */ callback, /** @type {any} */ delay, /** @type {any[]} */ ...args) => {
  if (typeof callback !== 'function') throw new TypeErrorHere('the first argument of a timer must be a function');
  const entry = create(null);
  entry.callback = callback;
  entry.args = args;
  entry.delay = delayOf(delay);
  entry.repeats = repeats;
  entry.id = startCall('setTimeout', [entry.delay], entry);
  if (entry.id !== 0) timers[entry.id] = entry;
  return entry.id;
};

/** Timers by the number the script knows: that of their first call. @type {any} */
const timers = create(null);

/** @param {any} delay */
const delayOf = (delay) => {
  const ms = typeof delay === 'symbol' || typeof delay === 'bigint' ? 0 : IntrinsicNumber(delay);
  return ms >= 1 && ms <= MAX_DELAY_MS ? ms - (ms % 1) : 1;
};

/** @param {any} id */
const clearTimer = (id) => {
  if (typeof id !== 'number' && typeof id !== 'string') return;
  const entry = timers[id];
  if (entry === undefined) return;
  delete timers[id];
  if (!entry.cleared) {
    entry.cleared = true;
    cleared += 1;
  }
};

// Cleared timers stay in flight until the supervisor's clock answers, but a run does not wait for them.
let cleared = 0;

/** @param {any} entry */
const fire = (entry) => {
  if (entry.cleared) {
    cleared -= 1;
    return;
  }
  if (!entry.repeats) delete timers[entry.id];
  try {
    apply(entry.callback, undefined, entry.args);
  } catch (error) {
    fail(error);
    return;
  }
  if (entry.repeats && !entry.cleared && !ended) startCall('setTimeout', [entry.delay], entry);
  // Cleared from within its own callback: no call of it is in flight any more.
  else if (entry.repeats && entry.cleared) cleared -= 1;
};

// ---- what the host may call: strings in, nothing out -----------------------------------------------------------------

/** A `resolve` or `reject` line, as it came. @param {string} line */
const deliver = (line) => {
  const message = parse(line);
  const entry = waiting[message.call];
  if (entry === undefined) return;
  delete waiting[message.call];
  inFlight -= 1;
  if (entry.callback !== undefined) fire(entry);
  else if (message.type === 'resolve') entry.resolve(withMeta(message));
  else entry.reject(errorFrom(message));
};

/** @param {any} message */
const withMeta = (message) => {
  const { value } = message;
  if (hasOwn(message, 'meta') && typeof value === 'object' && value !== null) {
    define(value, 'meta', message.meta, false);
  }
  return value;
};

/** @param {any} message */
const errorFrom = (message) => {
  const error = new IntrinsicError(message.message);
  define(error, 'name', message.name, false);
  if (hasOwn(message, 'code')) define(error, 'code', message.code, true);
  if (hasOwn(message, 'details')) {
    const names = keysOf(message.details);
    for (let i = 0; i < names.length; i += 1) {
      const name = /** @type {string} */ (names[i]);
      if (name !== 'stack' && name !== 'message') define(error, name, message.details[name], true);
    }
  }
  return error;
};

/** The value the script's text evaluated to. @param {any} value */
const settle = (value) => {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') {
    finish(value);
    return;
  }
  promiseThen(new IntrinsicPromise((resolve) => resolve(value)), finish, fail);
};

/** Called when a turn has run dry: a run that waits for nothing can never end by itself. */
const rest = () => {
  if (!ended && inFlight - cleared === 0) {
    failPlainly('deadlock', 'Error', 'the script waits for a promise that nothing can settle: no call and no timer is left');
  }
};

/** @param {string} settings @param {number} lines @param {number} line @param {number} column @param {number} shift */
const begin = (settings, lines, line, column, shift) => {
  const { bindings, console: enabled, caps: given } = parse(settings);
  edit = { lines, line, column, shift };
  caps.resultBytes = given.result_bytes;
  caps.lineBytes = given.line_bytes;
  caps.calls = given.calls;
  caps.callsInFlight = given.calls_in_flight;
  consoleOn = enabled;
  for (let i = 0; i < bindings.length; i += 1) define(globalThis, bindings[i], bindingFunction(bindings[i]), true);
};

// ---- the globals ---------------------------------------------------------------------------------------------------

let consoleOn = true;

/** @param {string} level */
const consoleMethod = (level) => (/** @type {any[]} */ ...args) => {
  if (!consoleOn || ended) return;
  let text;
  try {
    text = cut(formatLog(args), MAX_CONSOLE_TEXT);
  } catch {
    text = '[arguments that cannot be shown]';
  }
  say(CONSOLE, level, text);
};

const makeGlobals = () => {
  const console = {};
  define(console, 'log', consoleMethod('log'), true);
  define(console, 'info', consoleMethod('info'), true);
  define(console, 'warn', consoleMethod('warn'), true);
  define(console, 'error', consoleMethod('error'), true);
  define(console, 'debug', consoleMethod('debug'), true);
  define(globalThis, 'console', console, false);
  define(globalThis, 'setTimeout', timerFunction(false), false);
  define(globalThis, 'setInterval', timerFunction(true), false);
  define(globalThis, 'clearTimeout', (/** @type {any} */ id) => clearTimer(id), false);
  define(globalThis, 'clearInterval', (/** @type {any} */ id) => clearTimer(id), false);
  // Shared memory, wasm and collection callbacks are ways around the clock and the memory limit.
  const unwanted = ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry'];
  for (let i = 0; i < unwanted.length; i += 1) delete (/** @type {any} */ (globalThis))[/** @type {string} */ (unwanted[i])];
  const locked = { __proto__: null, writable: false, configurable: false, enumerable: false };
  defineProperty(IntrinsicError, 'prepareStackTrace', { ...locked, value: prepareStackTrace });
  defineProperty(globalThis, 'Error', { ...locked, value: IntrinsicError });
};

makeGlobals();
// What realm.mjs hands to the host.
const bridge = { __proto__: null, begin, settle, fail, deliver, rest };
