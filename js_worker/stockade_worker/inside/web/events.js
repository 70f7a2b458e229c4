// EventTarget, Event, AbortController and AbortSignal. What stands in web/ serves the script alone: unlike the bridge
// it may use what a script can patch, because nobody but the script would be misled.

const makeDomException = () => {
  class DOMException extends IntrinsicError {
    constructor(message = '', name = 'Error') {
      super(message);
      define(this, 'name', `${name}`, false);
    }
    get code() {
      return ({ DataCloneError: 25, AbortError: 20, TimeoutError: 23, InvalidCharacterError: 5, QuotaExceededError: 22 })[this.name] ?? 0;
    }
  }
  return DOMException;
};

const makeEvents = () => {
  class Event {
    #stopped = false;
    /** @param {string} type @param {any} [options] */
    constructor(type, options = {}) {
      this.type = `${type}`;
      this.cancelable = options.cancelable === true;
      this.bubbles = false;
      this.defaultPrevented = false;
      /** @type {any} */
      this.target = null;
      /** @type {any} */
      this.currentTarget = null;
      this.timeStamp = elapsedMs();
    }
    preventDefault() {
      if (this.cancelable) this.defaultPrevented = true;
    }
    stopImmediatePropagation() {
      this.#stopped = true;
    }
    stopPropagation() {}
    /** @param {Event} event */
    static isStopped(event) {
      return event.#stopped;
    }
  }
  const { isStopped } = Event;
  delete (/** @type {any} */ (Event)).isStopped;

  class CustomEvent extends Event {
    /** @param {string} type @param {any} [options] */
    constructor(type, options = {}) {
      super(type, options);
      this.detail = options.detail ?? null;
    }
  }

  class EventTarget {
    /** @type {Map<string, {callback: any, once: boolean}[]>} */
    #listeners = new Map();
    /** @param {string} type @param {any} callback @param {any} [options] */
    addEventListener(type, callback, options) {
      if (callback === null || callback === undefined || options?.signal?.aborted) return;
      const list = this.#listeners.get(type) ?? [];
      if (list.some((one) => one.callback === callback)) return;
      this.#listeners.set(type, [...list, { callback, once: options?.once === true }]);
      options?.signal?.addEventListener('abort', () => this.removeEventListener(type, callback));
    }
    /** @param {string} type @param {any} callback */
    removeEventListener(type, callback) {
      this.#listeners.set(type, (this.#listeners.get(type) ?? []).filter((one) => one.callback !== callback));
    }
    /** @param {Event} event */
    dispatchEvent(event) {
      event.target = event.currentTarget = this;
      const handler = /** @type {any} */ (this)[`on${event.type}`];
      const all = [...(typeof handler === 'function' ? [{ callback: handler, once: false }] : []), ...(this.#listeners.get(event.type) ?? [])];
      for (const { callback, once } of all) {
        if (isStopped(event)) break;
        if (once) this.removeEventListener(event.type, callback);
        try {
          if (typeof callback === 'function') apply(callback, this, [event]);
          else callback.handleEvent(event);
        } catch (error) {
          fail(error);
        }
      }
      return !event.defaultPrevented;
    }
  }
  return { Event, CustomEvent, EventTarget };
};

const makeAbort = () => {
  const { Event, EventTarget } = /** @type {any} */ (globalThis);
  const key = {};
  /** @type {WeakMap<object, (reason: any) => void>} */
  const aborts = new WeakMap();

  class AbortSignal extends EventTarget {
    #aborted = false;
    /** @type {any} */
    #reason = undefined;
    /** @type {any} */
    onabort = null;
    /** @param {any} made */
    constructor(made) {
      super();
      if (made !== key) throw new IntrinsicTypeError('Illegal constructor');
      aborts.set(this, (reason = newDomException('This operation was aborted', 'AbortError')) => {
        if (this.#aborted) return;
        this.#aborted = true;
        this.#reason = reason;
        this.dispatchEvent(new Event('abort'));
      });
    }
    get aborted() {
      return this.#aborted;
    }
    get reason() {
      return this.#reason;
    }
    throwIfAborted() {
      if (this.#aborted) throw this.#reason;
    }
    /** @param {any} [reason] */
    static abort(reason) {
      const signal = new AbortSignal(key);
      aborts.get(signal)?.(reason);
      return signal;
    }
    /** @param {number} ms */
    static timeout(ms) {
      const signal = new AbortSignal(key);
      startTimer(() => aborts.get(signal)?.(newDomException('The operation was aborted due to timeout', 'TimeoutError')), delayOf(ms), [], false).unref();
      return signal;
    }
    /** @param {Iterable<any>} signals */
    static any(signals) {
      const signal = new AbortSignal(key);
      for (const one of signals) {
        if (one.aborted) aborts.get(signal)?.(one.reason);
        else one.addEventListener('abort', () => aborts.get(signal)?.(one.reason));
      }
      return signal;
    }
  }

  class AbortController {
    signal = new AbortSignal(key);
    /** @param {any} [reason] */
    abort(reason) {
      aborts.get(this.signal)?.(reason);
    }
  }
  return { AbortSignal, AbortController };
};

/** @param {string} message @param {string} name */
const newDomException = (message, name) => new (/** @type {any} */ (globalThis)).DOMException(message, name);
