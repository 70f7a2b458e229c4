// structuredClone, for what a script can hold.

/** @param {any} value */
const structuredCloneOf = (value) => cloneOf(value, new Map());

/** @param {any} value @param {Map<any, any>} done @returns {any} */
const cloneOf = (value, done) => {
  if (typeof value === 'function' || typeof value === 'symbol') throw uncloneable(value);
  if (typeof value !== 'object' || value === null) return value;
  const known = done.get(value);
  if (known !== undefined) return known;
  if (weakMapGet(proxyTargets, value) !== undefined) throw uncloneable(value);
  if (isArray(value)) return cloneFields(value, Object.assign([], { length: value.length }), done);
  if (isUntagged(value)) return cloneFields(value, {}, done);
  return cloneKind(value, done);
};

/** @param {any} value @param {any} copy @param {Map<any, any>} done */
const cloneFields = (value, copy, done) => {
  done.set(value, copy);
  for (const key of keysOf(value)) define(copy, key, cloneOf(value[key], done), true);
  return copy;
};

/** @param {any} value @param {Map<any, any>} done */
const cloneKind = (value, done) => {
  /** @param {any} copy */
  const keep = (copy) => {
    done.set(value, copy);
    return copy;
  };
  if (hasSlot(dateGetTime, value)) return keep(new Date(dateGetTime(value)));
  if (hasSlot(regExpSource, value)) return keep(new RegExp(value.source, value.flags));
  if (hasSlot(mapSize, value)) {
    const copy = keep(new Map());
    for (const [key, item] of value) copy.set(cloneOf(key, done), cloneOf(item, done));
    return copy;
  }
  if (hasSlot(setSize, value)) {
    const copy = keep(new Set());
    for (const item of value) copy.add(cloneOf(item, done));
    return copy;
  }
  if (hasSlot(bufferBytes, value)) return keep(value.slice(0));
  if (isView(value)) return keep(cloneView(value, done));
  if (isError(value)) {
    const copy = keep(cloneError(value));
    if (hasOwn(value, 'cause')) define(copy, 'cause', cloneOf(value.cause, done), false);
    return copy;
  }
  if (hasSlot(numberValueOf, value)) return keep(new Number(numberValueOf(value)));
  if (hasSlot(stringValueOf, value)) return keep(new String(stringValueOf(value)));
  if (hasSlot(booleanValueOf, value)) return keep(new Boolean(booleanValueOf(value)));
  if (hasSlot(bigIntValueOf, value)) return keep(Object(bigIntValueOf(value)));
  if (webKind(value) !== null || isPrototypeOf(PromisePrototype, value) || [weakMapHas, weakSetHas, symbolToString].some((probe) => hasSlot(probe, value))) throw uncloneable(value);
  return cloneFields(value, {}, done);
};

/** @param {any} view @param {Map<any, any>} done */
const cloneView = (view, done) => {
  const Made = /** @type {any} */ (globalThis)[typedTag(view) ?? 'DataView'];
  return new Made(cloneOf(view.buffer, done), view.byteOffset, view.length ?? view.byteLength);
};

/** @param {any} error */
const cloneError = (error) => {
  if (className(error) === 'DOMException') return newDomException(error.message, error.name);
  const Made = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }[/** @type {'TypeError'} */ (error.name)] ?? IntrinsicError;
  const copy = hasOwn(error, 'message') ? new Made(error.message) : new Made();
  define(copy, 'stack', error.stack, false);
  return copy;
};

/** @param {any} value */
const uncloneable = (value) => newDomException(`${inspect(value, 0)} could not be cloned.`, 'DataCloneError');
