// structuredClone, for what a script can hold.

/** @param {any} value */
const structuredCloneOf = (value) => cloneOf(value, new Map());

/** @param {any} value @param {Map<any, any>} done @returns {any} */
const cloneOf = (value, done) => {
  if (typeof value === 'function' || typeof value === 'symbol') throw uncloneable(value);
  if (typeof value !== 'object' || value === null) return value;
  if (done.has(value)) return done.get(value);
  /** @type {any} */
  let copy;
  if (isArray(value)) copy = Object.assign([], { length: value.length });
  else if (hasSlot(dateGetTime, value)) copy = new Date(dateGetTime(value));
  else if (hasSlot(regExpSource, value)) copy = new RegExp(value.source, value.flags);
  else if (hasSlot(mapSize, value)) copy = new Map();
  else if (hasSlot(setSize, value)) copy = new Set();
  else if (hasSlot(bufferBytes, value)) copy = value.slice(0);
  else if (isView(value)) copy = cloneView(value, done);
  else if (isError(value)) copy = cloneError(value, done);
  else if (hasSlot(numberValueOf, value)) copy = new Number(numberValueOf(value));
  else if (hasSlot(stringValueOf, value)) copy = new String(stringValueOf(value));
  else if (hasSlot(booleanValueOf, value)) copy = new Boolean(booleanValueOf(value));
  else if (isPrototypeOf(PromisePrototype, value) || hasSlot(weakMapHas, value) || hasSlot(weakSetHas, value)) throw uncloneable(value);
  else copy = {};
  done.set(value, copy);
  if (hasSlot(mapSize, value)) for (const [key, item] of value) copy.set(cloneOf(key, done), cloneOf(item, done));
  else if (hasSlot(setSize, value)) for (const item of value) copy.add(cloneOf(item, done));
  else if (isArray(value) || className(copy) === 'Object') for (const key of keysOf(value)) define(copy, key, cloneOf(value[key], done), true);
  return copy;
};

/** @param {any} view @param {Map<any, any>} done */
const cloneView = (view, done) => new view.constructor(cloneOf(view.buffer, done), view.byteOffset, view.length ?? view.byteLength);

/** @param {any} error @param {Map<any, any>} done */
const cloneError = (error, done) => {
  const Made = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }[/** @type {'TypeError'} */ (error.name)] ?? IntrinsicError;
  const copy = new Made(error.message);
  define(copy, 'stack', error.stack, false);
  if (hasOwn(error, 'cause')) define(copy, 'cause', cloneOf(error.cause, done), false);
  return copy;
};

/** @param {any} value */
const uncloneable = (value) => newDomException(`${inspect(value, 0)} could not be cloned.`, 'DataCloneError');
