// EventTarget, Event, AbortController and AbortSignal. What stands in web/ serves the script alone: unlike the bridge
// it may use what a script can patch, because nobody but the script would be misled.

// The numbers that names had before they were names; as the Web IDL standard has them.
const DOM_CODES = `IndexSizeError . HierarchyRequestError WrongDocumentError InvalidCharacterError . NoModificationAllowedError NotFoundError
  NotSupportedError InUseAttributeError InvalidStateError SyntaxError InvalidModificationError NamespaceError InvalidAccessError . TypeMismatchError
  SecurityError NetworkError AbortError URLMismatchError QuotaExceededError TimeoutError InvalidNodeTypeError DataCloneError`;

const makeDomException = () => {
  const names = DOM_CODES.split(/\s+/).map((name) => (name === '.' ? null : name));
  class DOMException extends IntrinsicError {
    /** @param {string} [message] @param {any} [options] a name, or an object with one */
    constructor(message = '', options = 'Error') {
      const { name = 'Error', ...rest } = typeof options === 'object' && options !== null ? options : { name: options };
      super(message, rest);
      define(this, 'name', `${name}`, false);
    }
    get code() {
      return names.indexOf(this.name) + 1;
    }
  }
  return DOMException;
};

const makeEvents = () => {
  /**
   * @typedef {{type: string, bubbles: boolean, cancelable: boolean, composed: boolean, stamp: number, target: any, current: any,
   *   prevented: boolean, passive: boolean, stopped: boolean, ended: boolean}} State
   */
  class Event {
    /** @type {State} */
    #state;
    /** @param {string} type @param {any} [options] */
    constructor(type, options) {
      if (type === undefined) throw new IntrinsicTypeError('an event needs a type');
      const { bubbles, cancelable, composed } = options ?? {};
      this.#state = {
        type: `${type}`, bubbles: !!bubbles, cancelable: !!cancelable, composed: !!composed, stamp: elapsedMs(),
        target: null, current: null, prevented: false, passive: false, stopped: false, ended: false,
      };
    }
    get type() {
      return this.#state.type;
    }
    get bubbles() {
      return this.#state.bubbles;
    }
    get cancelable() {
      return this.#state.cancelable;
    }
    get composed() {
      return this.#state.composed;
    }
    get target() {
      return this.#state.target;
    }
    get srcElement() {
      return this.#state.target;
    }
    get currentTarget() {
      return this.#state.current;
    }
    get eventPhase() {
      return this.#state.current === null ? 0 : 2;
    }
    get isTrusted() {
      return false;
    }
    get timeStamp() {
      return this.#state.stamp;
    }
    get defaultPrevented() {
      return this.#state.prevented;
    }
    get returnValue() {
      return !this.#state.prevented;
    }
    set returnValue(value) {
      if (!value) this.preventDefault();
    }
    get cancelBubble() {
      return this.#state.stopped;
    }
    set cancelBubble(value) {
      if (value) this.stopPropagation();
    }
    composedPath() {
      return this.#state.current === null ? [] : [this.#state.current];
    }
    preventDefault() {
      if (this.#state.cancelable && !this.#state.passive) this.#state.prevented = true;
    }
    stopPropagation() {
      this.#state.stopped = true;
    }
    stopImmediatePropagation() {
      this.#state.stopped = true;
      this.#state.ended = true;
    }
    /** @param {any} event @returns {State} */
    static stateOf(event) {
      if (typeof event !== 'object' || event === null || !(#state in event)) throw new IntrinsicTypeError('only an Event can be dispatched');
      return event.#state;
    }
  }
  const { stateOf } = Event;
  delete (/** @type {any} */ (Event)).stateOf;

  class CustomEvent extends Event {
    #detail;
    /** @param {string} type @param {any} [options] */
    constructor(type, options) {
      super(type, options);
      this.#detail = options?.detail ?? null;
    }
    get detail() {
      return this.#detail;
    }
  }

  /** @param {any} options */
  const isCapture = (options) => (typeof options === 'object' && options !== null ? !!options.capture : !!options);

  /** @typedef {{callback: any, capture: boolean, once: boolean, passive: boolean, removed: boolean}} Listener */
  class EventTarget {
    /** @type {Map<string, Listener[]>} */
    #listeners = new Map();
    /** @param {string} type @param {any} callback @param {any} [options] */
    addEventListener(type, callback, options) {
      if (callback === null || callback === undefined || options?.signal?.aborted) return;
      if (typeof callback !== 'function' && typeof callback !== 'object') throw new IntrinsicTypeError('a listener must be a function or an object');
      const list = this.#listeners.get(`${type}`) ?? [];
      const capture = isCapture(options);
      if (list.some((one) => one.callback === callback && one.capture === capture)) return;
      this.#listeners.set(`${type}`, [...list, { callback, capture, once: !!options?.once, passive: !!options?.passive, removed: false }]);
      options?.signal?.addEventListener('abort', () => this.removeEventListener(type, callback, capture), { once: true });
    }
    /** @param {string} type @param {any} callback @param {any} [options] */
    removeEventListener(type, callback, options) {
      const list = this.#listeners.get(`${type}`) ?? [];
      const found = list.find((one) => one.callback === callback && one.capture === isCapture(options));
      if (found === undefined) return;
      found.removed = true; // also from the round that may be under way
      this.#listeners.set(`${type}`, list.filter((one) => one !== found));
    }
    /** @param {Event} event */
    dispatchEvent(event) {
      const state = stateOf(event);
      if (state.current !== null) throw newDomException('The event is already being dispatched', 'InvalidStateError');
      state.target = state.current = this;
      for (const listener of this.#listeners.get(state.type) ?? []) {
        if (state.ended) break;
        if (listener.removed) continue;
        const { callback } = listener;
        if (listener.once) this.removeEventListener(state.type, callback, listener.capture);
        state.passive = listener.passive;
        try {
          if (typeof callback === 'function') apply(callback, this, [event]);
          else callback.handleEvent(event);
        } catch (error) {
          fail(error);
        }
      }
      state.current = null;
      state.passive = state.stopped = state.ended = false;
      return !state.prevented;
    }
  }
  define(CustomEvent.prototype, toStringTag, 'CustomEvent', false);
  showGetters(Event, ['type', 'defaultPrevented', 'cancelable', 'timeStamp']);
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
    #onabort = null;
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
    get onabort() {
      return this.#onabort;
    }
    set onabort(callback) {
      this.removeEventListener('abort', this.#onabort);
      this.#onabort = typeof callback === 'function' ? callback : null;
      this.addEventListener('abort', this.#onabort);
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
      if (typeof ms !== 'number') throw new IntrinsicTypeError('the delay of AbortSignal.timeout must be a number');
      if (!(ms >= 0)) throw new IntrinsicRangeError('the delay of AbortSignal.timeout must be at least 0');
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
    #signal = new AbortSignal(key);
    get signal() {
      return this.#signal;
    }
    /** @param {any} [reason] */
    abort(reason) {
      aborts.get(this.#signal)?.(reason);
    }
  }
  showGetters(AbortSignal, ['aborted']);
  showGetters(AbortController, ['signal']);
  return { AbortSignal, AbortController };
};

/** @param {string} message @param {string} name */
const newDomException = (message, name) => new (/** @type {any} */ (globalThis)).DOMException(message, name);
