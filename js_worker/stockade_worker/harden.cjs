// Leaves nothing in the host realm for a script that reaches an object of it: no way to a compiler, nothing to change.
// Node itself hands such objects out (a rejected import(), a stack overflow in its stack formatter), so this is no
// defence in depth but the second half of the realm line. The reachability audit in test/ proves it on every Node.

'use strict';

const { Script } = require('node:vm');

const { freeze, getOwnPropertyDescriptor, getOwnPropertyNames, getPrototypeOf } = Object;
const { ownKeys } = Reflect;

/** Constructors that cannot be named. */
const HIDDEN = [
  (async () => {}).constructor,
  (function* () {}).constructor,
  (async function* () {}).constructor,
];

/** What cannot be named: prototypes of iterators, typed arrays and CallSites, and a list that every array has. */
const HIDDEN_PROTOTYPES = () => [
  getPrototypeOf(Int8Array.prototype),
  getPrototypeOf([][Symbol.iterator]()),
  getPrototypeOf(new Map()[Symbol.iterator]()),
  getPrototypeOf(new Set()[Symbol.iterator]()),
  getPrototypeOf(''[Symbol.iterator]()),
  getPrototypeOf(/** @type {any} */ (''[Symbol.iterator]()).map(String)), // of what the helpers of iterators give
  getPrototypeOf('a'.matchAll(/a/g)),
  getPrototypeOf((function* () {}).prototype),
  getPrototypeOf((async function* () {}).prototype),
  getPrototypeOf(getPrototypeOf((async function* () {}).prototype)),
  getPrototypeOf(callSite()),
  Array.prototype[Symbol.unscopables],
];

/** Used by the worker and what it loads later; no script reaches them from an intrinsic. */
const KEPT = new Set(['process', 'Buffer', 'URL', 'TextDecoder', 'TextEncoder', 'setImmediate', 'queueMicrotask']);

const callSite = () => {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (_error, sites) => sites[0];
  try {
    return /** @type {any} */ (new Error().stack);
  } finally {
    Error.prepareStackTrace = before;
  }
};

/** What Node gives errors of its own beyond V8's: for a refused import(), the one such error that a script may be handed. */
const nodeErrorPrototypes = async () => {
  const prototypes = [];
  try {
    await new Script("import('')").runInThisContext();
  } catch (error) {
    for (let at = getPrototypeOf(error); at !== null; at = getPrototypeOf(at)) prototypes.push(at);
  }
  return prototypes;
};

/**
 * What a script could reach of the host realm: intrinsics and prototypes. Node's own globals are gone afterwards.
 * @param {object} bare the global object of a context in which nothing has run: its names are those of the language
 */
const reachable = async (bare) => {
  const constructors = [...HIDDEN];
  const prototypes = [...HIDDEN_PROTOTYPES(), ...(await nodeErrorPrototypes())];
  const language = new Set(getOwnPropertyNames(bare));
  for (const name of getOwnPropertyNames(globalThis)) {
    if (KEPT.has(name)) continue;
    if (!language.has(name)) {
      // The rest is Node's. Most of it loads when it is looked at (fetch alone brings fifty modules): it goes unseen.
      Reflect.deleteProperty(globalThis, name);
      continue;
    }
    const value = getOwnPropertyDescriptor(globalThis, name)?.value;
    if (value === globalThis || name === 'console') continue;
    if (typeof value === 'function' || (typeof value === 'object' && value !== null)) constructors.push(value);
  }
  for (const value of constructors) {
    const prototype = value.prototype;
    if (typeof prototype === 'object' && prototype !== null) prototypes.push(prototype);
  }
  prototypes.push(Function.prototype);
  // An error of this realm that reaches a script is not to tell where in Node it was made, nor to name files of the machine.
  Error.stackTraceLimit = 0;
  // Each error has accessors of its own for its stack, but the functions are the realm's: left as they are, what a script
  // puts on them would be there for the next run.
  constructors.push(/** @type {any} */ (new Error()));
  return { prototypes, constructors };
};

/**
 * Severs `constructor` on every intrinsic prototype, then freezes intrinsics, prototypes and their functions.
 * To be called once, after every module that the worker needs at start is loaded.
 * @param {{prototypes: any[], constructors: any[]}} realm
 */
const harden = ({ prototypes, constructors }) => {
  for (const prototype of prototypes) Reflect.deleteProperty(prototype, 'constructor');
  freezeWithFunctions([...prototypes, ...constructors]);
};

/**
 * Some 600 functions, once in each start, by code that has not run yet: so it is plain, and looks at everything before it
 * changes anything, which takes V8 two thirds of the time.
 * @param {any[]} objects
 */
const freezeWithFunctions = (objects) => {
  const functions = [];
  for (const object of objects) {
    const keys = ownKeys(object);
    for (let i = 0; i < keys.length; i += 1) {
      const { value, get, set } = /** @type {PropertyDescriptor} */ (getOwnPropertyDescriptor(object, /** @type {PropertyKey} */ (keys[i])));
      if (typeof value === 'function') functions.push(value);
      if (get !== undefined) functions.push(get);
      if (set !== undefined) functions.push(set);
    }
  }
  // A typed array's buffer cannot be frozen; none is among the intrinsics.
  for (const object of objects) freeze(object);
  for (const part of functions) {
    const { prototype } = part;
    if (typeof prototype === 'object' && prototype !== null) freeze(prototype);
    freeze(part);
  }
};

module.exports = { reachable, harden };
