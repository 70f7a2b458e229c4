// The names a script finds beside those of the language, and what the host may call: strings in, nothing out.

// More than V8's 10, because frames of ours stand above the user's and are left out.
const FRAMES = 16;

/** Whether the value was a function that has been called for its result. */
let called = false;

/** The value the script's text evaluated to. @param {any} value */
const settle = (value) => {
  try {
    if (typeof value === 'function' && !called && !isClass(value)) {
      called = true;
      settle(apply(value, undefined, []));
    } else if ((typeof value === 'object' && value !== null) && !isTimeout(value)) {
      promiseThen(promiseOf(value), arrive, fail);
    } else finish(isTimeout(value) ? undefined : value);
  } catch (error) {
    fail(error);
  }
};

/** What a promise came to. @param {any} value */
const arrive = (value) => {
  if (typeof value === 'function' || isTimeout(value)) settle(value);
  else finish(value);
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
  caps.resultBytes = given.caps.result_bytes;
  caps.lineBytes = given.caps.line_bytes;
  caps.calls = given.caps.calls;
  caps.callsInFlight = given.caps.calls_in_flight;
  consoleOn = given.console;
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

const makeGlobals = () => {
  addLazily('Proxy', proxyConstructor);
  addLazily('console', makeConsole);
  addGlobal('setTimeout', timerFunction(false));
  addGlobal('setInterval', timerFunction(true));
  addGlobal('clearTimeout', (/** @type {any} */ timer) => clearTimer(timer));
  addGlobal('clearInterval', (/** @type {any} */ timer) => clearTimer(timer));
  // Shared memory, wasm and collection callbacks are ways around the clock and the memory limit.
  const unwanted = ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry'];
  for (let i = 0; i < unwanted.length; i += 1) delete (/** @type {any} */ (globalThis))[/** @type {string} */ (unwanted[i])];
  const locked = { __proto__: null, writable: false, configurable: false, enumerable: false };
  (/** @type {any} */ (IntrinsicError)).stackTraceLimit = FRAMES;
  defineProperty(IntrinsicError, 'prepareStackTrace', { ...locked, value: prepareStackTrace });
  defineProperty(globalThis, 'Error', { ...locked, value: IntrinsicError });
};

makeGlobals();
// What realm.mjs hands to the host.
const bridge = { __proto__: null, begin, settle, fail, deliver, rest };
