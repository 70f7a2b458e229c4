// The names a script finds beside those of the language, and what the host may call: strings in, nothing out.

// More than V8's 10, because frames of ours stand above the user's and are left out.
const FRAMES = 16;

/** Whether the value was a function that has been called for its result. */
let called = false;

/** The value the script's text evaluated to. @param {any} result */
const settle = (result) => {
  if (typeof result === 'object' && result !== null && !isTimeout(result)) promiseThen(promiseOf(result), arrive, fail);
  else arrive(result);
};

/** What it came to, all promises awaited. @param {any} result */
const arrive = (result) => {
  try {
    const value = called ? result : exported(result);
    if (typeof value === 'function' && !called && !isClass(value)) {
      called = true;
      settle(apply(value, undefined, []));
    } else if (value !== result && typeof value === 'object') promiseThen(promiseOf(value), finish, fail);
    else finish(isTimeout(value) ? undefined : value);
  } catch (error) {
    fail(error);
  }
};

/**
 * Called when a turn has run dry. A run with a value is over; one without goes on while a call or a timer may still act.
 */
const rest = () => {
  if (ended) return;
  const idle = inFlight - unawaited === 0;
  if (outcome === null && idle) {
    failPlainly('deadlock', 'Error', 'the script waits for a promise that nothing can settle: no call and no timer is left');
  }
  if (outcome !== null && (idle || outcome.text !== undefined)) end();
};

/** @param {string} settings */
const begin = (settings) => {
  const given = parse(settings);
  lines = given.lines;
  edits = given.edits;
  hidden = given.hidden;
  caps.resultBytes = given.caps.result_bytes;
  caps.lineBytes = given.caps.line_bytes;
  caps.callBytes = given.caps.call_bytes;
  caps.calls = given.caps.calls;
  caps.callsInFlight = given.caps.calls_in_flight;
  consoleOn = given.console;
  seed = given.seed;
  begun = now();
  const { bindings } = given;
  for (let i = 0; i < bindings.length; i += 1) define(globalThis, bindings[i], bindingFunction(bindings[i]), true);
};

/** @param {string} name @param {any} value */
const addGlobal = (name, value) => define(globalThis, name, value, false);

/**
 * A name that is made when it is first used: a context costs the same however many of them there are.
 * @param {string} name @param {() => any} make
 */
const addLazily = (name, make) => {
  defineProperty(globalThis, name, /** @type {any} */ ({
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() {
      const value = make();
      addGlobal(name, value);
      return value;
    },
    set(/** @type {any} */ value) {
      addGlobal(name, value);
    },
  }));
};

/** Names that are made together. @param {() => any} make @param {string[]} names */
const addGroup = (make, names) => {
  /** @type {any} */
  let made = null;
  for (let i = 0; i < names.length; i += 1) {
    const name = /** @type {string} */ (names[i]);
    addLazily(name, () => (made ??= make())[name]);
  }
};

/** Milliseconds since the run began, as fine as the clock of dates. */
const elapsedMs = () => now() - begun;
let begun = 0;

const makePerformance = () => {
  const performance = create(ObjectPrototype);
  define(performance, 'now', elapsedMs, true);
  define(performance, 'timeOrigin', begun, true);
  return performance;
};

/** What `module.exports` is until a script assigns it: then it is the value of the run. */
const unexported = {};
/** @type {any} */
let module = null;

const makeModule = () => {
  module = { exports: unexported };
  return module;
};

/** @param {any} value the script came to */
const exported = (value) => {
  const given = module === null ? undefined : dataValue(module, 'exports');
  return given === undefined || (given === unexported && keysOf(given).length === 0) ? value : given;
};

/** 64 hexadecimal digits that feed `crypto`; none where the supervisor sent none. */
let seed = '';

/** @type {any} */
let webMade = null;
const web = () => (webMade ??= makeWeb());

const makeGlobals = () => {
  addLazily('Proxy', proxyConstructor);
  addLazily('console', makeConsole);
  addLazily('module', makeModule);
  addLazily('exports', () => (/** @type {any} */ (globalThis)).module.exports);
  // As constants, since a function has the name of what it is first assigned to.
  const setTimeout = (/** @type {any} */ callback, /** @type {any} */ ms, /** @type {any[]} */ ...args) => timerOf('setTimeout', callback, delayOf(ms), args);
  const setInterval = (/** @type {any} */ callback, /** @type {any} */ ms, /** @type {any[]} */ ...args) => timerOf('setInterval', callback, delayOf(ms), args);
  const setImmediate = (/** @type {any} */ callback, /** @type {any[]} */ ...args) => timerOf('setImmediate', callback, 0, args);
  const clearTimeout = (/** @type {any} */ timer) => clearTimer(timer);
  const clearInterval = (/** @type {any} */ timer) => clearTimer(timer);
  const clearImmediate = (/** @type {any} */ timer) => clearTimer(timer);
  const queueMicrotask = (/** @type {any} */ callback) => {
    if (typeof callback !== 'function') throw new IntrinsicTypeError('the argument of queueMicrotask must be a function');
    promiseThen(promiseOf(undefined), () => apply(callback, undefined, []), undefined);
  };
  const structuredClone = (/** @type {any} */ value) => web().structuredCloneOf(value);
  addGlobal('setTimeout', setTimeout);
  addGlobal('setInterval', setInterval);
  addGlobal('setImmediate', setImmediate);
  addGlobal('clearTimeout', clearTimeout);
  addGlobal('clearInterval', clearInterval);
  addGlobal('clearImmediate', clearImmediate);
  addGlobal('queueMicrotask', queueMicrotask);
  addGlobal('structuredClone', structuredClone);
  addLazily('performance', makePerformance);
  addLazily('crypto', () => web().makeCrypto());
  addLazily('DOMException', () => web().makeDomException());
  addGroup(() => web().makeEvents(), ['Event', 'CustomEvent', 'EventTarget']);
  addGroup(() => web().makeAbort(), ['AbortSignal', 'AbortController']);
  addGroup(() => web().makeEncoding(), ['TextEncoder', 'TextDecoder', 'atob', 'btoa']);
  addGroup(() => web().makeUrl(), ['URL', 'URLSearchParams']);
  // Shared memory, wasm and collection callbacks are ways around the clock and the memory limit.
  const unwanted = ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry'];
  for (let i = 0; i < unwanted.length; i += 1) delete (/** @type {any} */ (globalThis))[/** @type {string} */ (unwanted[i])];
  const locked = { writable: false, configurable: false, enumerable: false };
  (/** @type {any} */ (IntrinsicError)).stackTraceLimit = FRAMES;
  defineProperty(IntrinsicError, 'prepareStackTrace', { ...locked, value: prepareStackTrace });
  defineProperty(globalThis, 'Error', { ...locked, value: IntrinsicError });
};

makeGlobals();
// What realm.cjs hands to the host.
const bridge = { __proto__: null, begin, settle, fail, deliver, rest };
