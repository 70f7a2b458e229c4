// Calls of bindings: numbered, counted, answered by a `resolve` or a `reject`.

// So many calls of a run keep the stack they were made with, for an error that says which call it was. That takes a third
// of a call's time, so an error of a later one says where it was awaited.
const KEPT_STACKS = 32;

let calls = 0;
let inFlight = 0;
/** Calls and timers that wait for an answer, by number. @type {any} */
const waiting = create(null);

/**
 * Sends a call and returns its number. Throws what the script is to see where a limit or the arguments forbid it.
 * @param {string} name @param {any} args @param {any} entry
 */
const startCall = (name, args, entry) => {
  const room = caps.callBytes;
  let text;
  try {
    text = listToJson(args, room, 'arguments');
  } catch (error) {
    if (error === null || error !== fault) throw error;
    throw new IntrinsicTypeError(`${name}: ${/** @type {any} */ (error).message}`);
  }
  if (utf8Length(text, room) > room) {
    throw new IntrinsicTypeError(`${name}: the arguments take more than ${room} bytes`);
  }
  if (calls >= caps.calls) throw overLimit(`the script made more than ${caps.calls} calls (timers count)`);
  if (inFlight >= caps.callsInFlight) {
    throw overLimit(`the script had more than ${caps.callsInFlight} calls in flight at once (timers count)`);
  }
  // Out of stack, or ended already: nothing went out and nothing will come back.
  if (!say(CALL, calls + 1, name, text)) throw new IntrinsicRangeError(`${name}: the call could not be sent`);
  calls += 1;
  inFlight += 1;
  waiting[calls] = entry;
  return calls;
};

/** Waits for no answer any more, though one may be on its way. @param {number} call */
const dropCall = (call) => {
  delete waiting[call];
  inFlight -= 1;
};

/** Decides the run's ending, and is thrown so that a loop which only makes calls stops. @param {string} message */
const overLimit = (message) => {
  const error = new IntrinsicRangeError(message);
  failAs('call_limit', error);
  return error;
};

/** @param {string} name */
const bindingFunction = (name) => {
  const holder = {
    /** @param {any[]} args */
    [name]: (...args) => {
      /** @type {any} */
      let settle;
      /** @type {any} */
      let refuse;
      const promise = new IntrinsicPromise((resolve, reject) => {
        settle = resolve;
        refuse = reject;
      });
      try {
        // The error is made here, where the script's own frames are, and thrown away unless the call is rejected.
        const error = calls < KEPT_STACKS ? new IntrinsicError() : null;
        startCall(name, args, { callback: undefined, name, resolve: settle, reject: refuse, error });
      } catch (error) {
        if (failed()) throw error;
        refuse(error);
      }
      return promise;
    },
  };
  return holder[name];
};

/** A `resolve` or `reject` line, as it came. @param {string} line @returns {boolean} whether it was that of a timer */
const deliver = (line) => {
  const message = parse(line);
  const entry = waiting[message.call];
  if (entry === undefined) return false;
  dropCall(message.call);
  const fired = entry.callback !== undefined;
  if (fired) fire(entry);
  else if (message.type === 'resolve') {
    noteShape(entry.name, message.value);
    entry.resolve(withMeta(message));
  } else if (entry.error === null) rejectWhereAwaited(entry, message);
  else entry.reject(asError(entry.error, message));
  return fired;
};

/**
 * Rejects with an error whose stack shows the functions that await it: V8 finds them by following the promises from the
 * one whose reaction it runs, so the error is made in a reaction of a promise that the script's own waits for by then.
 * @param {any} entry @param {any} message
 */
const rejectWhereAwaited = (entry, message) => {
  /** @type {any} */
  let open;
  const gate = ownPromise((resolve) => { open = resolve; });
  entry.resolve(promiseThen(gate, () => { throw asError(new IntrinsicError(), message); }));
  open();
};

// So many rows of a list are looked at, and what has more fields than that is a table of the binding's.
const ROWS_NOTED = 8;
const MAX_NOTED = 100;

/**
 * The fields of what each binding gave, for a hint if one is missed: under `name` of an object, under `name[]` of the rows
 * of a list, under `name.field`, `name.field[]` and `name[].field` of what is within those.
 * @type {any}
 */
const shapes = create(null);
let shapesNoted = 0;

/** @param {string} name @param {any} value @param {boolean} [isWithin] */
const noteShape = (name, value, isWithin = false) => {
  if (!isArray(value)) noteFields(name, value, isWithin);
  else for (let i = 0; i < value.length && i < ROWS_NOTED; i += 1) noteFields(`${name}[]`, value[i], isWithin);
};

/** @param {string} name @param {any} value @param {boolean} isWithin */
const noteFields = (name, value, isWithin) => {
  if (typeof value !== 'object' || value === null || isArray(value)) return;
  if (shapes[name] === undefined && (shapesNoted += 1) > MAX_NOTED) return;
  const known = shapes[name] ?? (shapes[name] = newShape());
  const names = keysOf(value);
  for (let i = 0; i < names.length && known.count <= MAX_NOTED; i += 1) {
    const field = /** @type {string} */ (names[i]);
    if (known.fields[field] !== true) known.count += 1;
    known.fields[field] = true;
    if (!isWithin && typeof value[field] === 'object') noteShape(`${name}.${field}`, value[field], true);
  }
};

const newShape = () => {
  const shape = create(null);
  shape.fields = create(null);
  shape.count = 0;
  return shape;
};

/** The shapes as data, for the worker, which sends them no further; undefined where there are none. */
const notedShapes = () => {
  let told;
  const names = keysOf(shapes);
  for (let i = 0; i < names.length; i += 1) {
    const name = /** @type {string} */ (names[i]);
    if (shapes[name].count > MAX_NOTED) continue;
    const fields = newList();
    const known = keysOf(shapes[name].fields);
    for (let j = 0; j < known.length; j += 1) define(fields, j, cut(/** @type {string} */ (known[j]), MAX_NAME), true);
    told ??= create(null);
    told[name] = fields;
  }
  return told;
};

/** @param {any} message */
const withMeta = (message) => {
  const { value } = message;
  if (!hasOwn(message, 'meta') || typeof value !== 'object' || value === null || hasOwn(value, 'meta')) return value;
  define(value, 'meta', message.meta, false);
  return value;
};

/** @param {any} error @param {any} message */
const asError = (error, message) => {
  define(error, 'message', message.message, false);
  define(error, 'name', message.name, false);
  if (hasOwn(message, 'code')) define(error, 'code', message.code, true);
  if (hasOwn(message, 'details')) {
    const names = keysOf(message.details);
    for (let i = 0; i < names.length; i += 1) {
      const name = /** @type {string} */ (names[i]);
      // What a binding says by name it means more than what is among the rest.
      if (name === 'stack' || name === 'message' || name === 'name' || (name === 'code' && hasOwn(message, 'code'))) continue;
      define(error, name, message.details[name], true);
    }
  }
  return error;
};
