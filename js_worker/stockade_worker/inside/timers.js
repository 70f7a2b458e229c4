// Timers. The worker blocks on its pipe and has no clock of its own, so each is a call that the supervisor answers.

// setTimeout holds its delay in 32 bits, as every JavaScript engine does.
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Timers by the number of their first call. @type {any} */
const timers = create(null);

// Timers in flight that a run does not wait for.
let unawaited = 0;

/** What a script holds of a timer: an object as in Node, a number where a number is asked for as in a browser. */
const makeTimeout = () => {
  class Timeout {
    #entry;
    /** @param {any} entry */
    constructor(entry) {
      this.#entry = entry;
    }
    ref() {
      awaitTimer(this.#entry, true);
      return this;
    }
    unref() {
      awaitTimer(this.#entry, false);
      return this;
    }
    hasRef() {
      return this.#entry.awaited;
    }
    close() {
      clearEntry(this.#entry);
      return this;
    }
    [toPrimitive]() {
      return this.#entry.id;
    }
    toJSON() {
      return this.#entry.id;
    }
    /** @param {any} value */
    static entryOf(value) {
      return #entry in value ? value.#entry : undefined;
    }
  }
  // Nobody else may make one: an entry of the script's own would upset the count of what a run waits for.
  delete (/** @type {any} */ (Timeout.prototype)).constructor;
  return { Timeout, entryOf: Timeout.entryOf };
};

/** Made with the first timer. @type {ReturnType<typeof makeTimeout> | null} */
let timeouts = null;

/** @param {any} value */
const isTimeout = (value) => timeouts !== null && typeof value === 'object' && value !== null && timeouts.entryOf(value) !== undefined;

/** @param {string} name of the function that was called @param {any} callback @param {number} delay @param {any[]} args */
const timerOf = (name, callback, delay, args) => {
  if (typeof callback !== 'function') throw new IntrinsicTypeError(`the first argument of ${name} must be a function`);
  return startTimer(callback, delay, args, name === 'setInterval');
};

/** @param {any} callback @param {number} delay @param {any} args @param {boolean} repeats */
const startTimer = (callback, delay, args, repeats) => {
  const entry = create(null);
  entry.callback = callback;
  entry.args = args;
  entry.delay = delay;
  entry.repeats = repeats;
  entry.awaited = true;
  entry.id = arm(entry);
  timers[entry.id] = entry;
  timeouts ??= makeTimeout();
  return new timeouts.Timeout(entry);
};

/** @param {any} delay */
const delayOf = (delay) => {
  const ms = typeof delay === 'symbol' || typeof delay === 'bigint' ? 0 : IntrinsicNumber(delay);
  return ms >= 1 && ms <= MAX_DELAY_MS ? ms - (ms % 1) : 1;
};

/** @param {any} timer */
const clearTimer = (timer) => {
  if (typeof timer === 'number' || typeof timer === 'string') clearEntry(timers[timer]);
  else if (timeouts !== null && typeof timer === 'object' && timer !== null) clearEntry(timeouts.entryOf(timer));
};

/** @param {any} entry */
const clearEntry = (entry) => {
  if (entry === undefined) return;
  awaitTimer(entry, false);
  entry.done = true;
  delete timers[entry.id];
  if (entry.pending && say(CLEAR, entry.call)) {
    entry.pending = false;
    unawaited -= 1;
    dropCall(entry.call);
  }
};

/** Whether the run is to wait for a timer. @param {any} entry @param {boolean} awaited */
const awaitTimer = (entry, awaited) => {
  if (entry.awaited === awaited) return;
  entry.awaited = awaited;
  if (entry.pending) unawaited += awaited ? -1 : 1;
};

/** @param {any} entry */
const fire = (entry) => {
  entry.pending = false;
  if (!entry.awaited) unawaited -= 1;
  if (entry.done) return;
  if (!entry.repeats) {
    entry.done = true;
    delete timers[entry.id];
  }
  try {
    apply(entry.callback, undefined, entry.args);
    if (!entry.done && !failed()) arm(entry);
  } catch (error) {
    fail(error);
  }
};

/** @param {any} entry */
const arm = (entry) => {
  entry.call = startCall('setTimeout', [entry.delay], entry);
  entry.pending = true;
  if (!entry.awaited) unawaited += 1;
  return entry.call;
};
