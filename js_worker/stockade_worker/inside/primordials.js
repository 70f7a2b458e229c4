// Captured before the script runs, so that nothing it patches later is ever called by the bridge.
// The files of this folder are one strict function body, evaluated in the script's own context; see realm.cjs.

const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { create, keys: keysOf } = Object;
const { bind, call } = Function.prototype;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const { stringify, parse } = JSON;
const { isFinite: isFiniteNumber, parseInt: parseWhole, parseFloat: parseFraction } = Number;
const { floor, max, min, round, sqrt: squareRoot } = Math;
const { toPrimitive, toStringTag } = Symbol;
const { now } = Date;

/**
 * A method as a function of its receiver, immune to a patched `call`.
 * @type {(method: Function) => (receiver: any, ...args: any[]) => any}
 */
const uncurry = apply(bind, bind, [call]);
/** @param {any} prototype @param {PropertyKey} key */
const getterOf = (prototype, key) =>
  uncurry(/** @type {any} */ (getOwnPropertyDescriptor(prototype, key)).get);

const hasOwn = Object.hasOwn;
/** The getter that a read would run, its own or inherited; runs nothing itself. */
const getterAt = uncurry(/** @type {any} */ (Object.prototype).__lookupGetter__);
const objectToString = uncurry(Object.prototype.toString);
const isPrototypeOf = uncurry(Object.prototype.isPrototypeOf);
const charCodeAt = uncurry(String.prototype.charCodeAt);
const sliceText = uncurry(String.prototype.slice);
const indexOfText = uncurry(String.prototype.indexOf);
const isWellFormed = uncurry(String.prototype.isWellFormed);
const toWellFormed = uncurry(String.prototype.toWellFormed);
const repeatText = uncurry(String.prototype.repeat);
const promiseThen = uncurry(Promise.prototype.then);
const dateToISOString = uncurry(Date.prototype.toISOString);
const dateGetTime = uncurry(Date.prototype.getTime);
const functionToString = uncurry(Function.prototype.toString);
const symbolToString = uncurry(Symbol.prototype.toString);
const bigIntToString = uncurry(BigInt.prototype.toString);
const regExpSource = getterOf(RegExp.prototype, 'source');
const weakMapGet = uncurry(WeakMap.prototype.get);
const weakMapSet = uncurry(WeakMap.prototype.set);
const weakMapProbe = uncurry(WeakMap.prototype.has);
const weakSetProbe = uncurry(WeakSet.prototype.has);
/** @param {any} value */
const weakMapHas = (value) => weakMapProbe(value, value);
/** @param {any} value */
const weakSetHas = (value) => weakSetProbe(value, value);
const mapForEach = uncurry(Map.prototype.forEach);
const setForEach = uncurry(Set.prototype.forEach);
const mapSize = getterOf(Map.prototype, 'size');
const setSize = getterOf(Set.prototype, 'size');
const numberValueOf = uncurry(Number.prototype.valueOf);
const stringValueOf = uncurry(String.prototype.valueOf);
const bigIntValueOf = uncurry(BigInt.prototype.valueOf);
const booleanValueOf = uncurry(Boolean.prototype.valueOf);
const bufferBytes = getterOf(ArrayBuffer.prototype, 'byteLength');
const viewLength = getterOf(DataView.prototype, 'byteLength');
const viewOffset = getterOf(DataView.prototype, 'byteOffset');
const viewBuffer = getterOf(DataView.prototype, 'buffer');
const typedLength = getterOf(getPrototypeOf(Uint8Array.prototype), 'length');
const typedTag = getterOf(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);

const ArrayPrototype = Array.prototype;
const ObjectPrototype = Object.prototype;
const ErrorPrototype = Error.prototype;
const PromisePrototype = Promise.prototype;
const IntrinsicError = Error;
const IntrinsicTypeError = TypeError;
const IntrinsicRangeError = RangeError;
const IntrinsicPromise = Promise;
const IntrinsicProxy = Proxy;
const proxyRevocable = Proxy.revocable;
const IntrinsicNumber = Number;
const IntrinsicUint8Array = Uint8Array;

/**
 * A promise of the bridge's own, on which `promiseThen` cannot be led astray by a patched species.
 * @param {any} value what it resolves with
 */
const promiseOf = (value) => ownPromise((resolve) => resolve(value));

/** @param {(resolve: (value?: any) => void) => void} executor */
const ownPromise = (executor) => {
  const promise = new IntrinsicPromise(executor);
  define(promise, 'constructor', undefined, false);
  return promise;
};

/**
 * Whether a value carries a built-in's internal slot: `probe` throws for anything else, and runs no code of the script.
 * @param {(value: any) => any} probe @param {any} value
 */
const hasSlot = (probe, value) => {
  try {
    probe(value);
    return true;
  } catch {
    return false;
  }
};

/**
 * Whether an object has no slot that shows and no tag: an instance of a script's own class, say. To ask it for one slot after
 * the other would cost an error each time. It may run a trap of a proxy, of which the object may be made as well.
 * @param {any} object
 */
const isUntagged = (object) => !(toStringTag in object) && objectToString(object) === '[object Object]';

/**
 * An own data property, whatever a patched prototype says of descriptors.
 * @param {any} object @param {PropertyKey} key @param {any} value @param {boolean} enumerable
 */
const define = (object, key, value, enumerable) =>
  defineProperty(object, key, /** @type {any} */ ({ __proto__: null, value, writable: true, configurable: true, enumerable }));

/** @param {any} value */
const isError = (value) => typeof value === 'object' && value !== null && isPrototypeOf(ErrorPrototype, value);

/**
 * A property read that cannot throw.
 * @param {any} object @param {PropertyKey} key
 */
const read = (object, key) => {
  try {
    return object[key];
  } catch {
    return undefined;
  }
};

/**
 * Text that fits, is well formed, and says how much was cut.
 * @param {string} text @param {number} limit in UTF-16 units
 */
const cut = (text, limit) => {
  const kept = text.length <= limit
    ? text
    : `${sliceText(text, 0, limit)}… (${text.length - limit} more characters)`;
  return isWellFormed(kept) ? kept : toWellFormed(kept);
};
