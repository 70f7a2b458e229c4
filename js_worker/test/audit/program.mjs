// Run under the worker's flags: lets scripts loot a context by every means known, then walks all that can be reached
// from there and prints, as JSON, what of the host realm is among it.

import { types } from 'node:util';
import { Script } from 'node:vm';

import { harden, reachable } from '../../stockade_worker/harden.cjs';
import { bareContext, furnishContext } from '../../stockade_worker/realm.cjs';
import { CRAWL, LOOT } from './loot.mjs';

const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
const { ownKeys } = Reflect;
const { isNativeError } = types;

/** @param {any} value */
const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** All objects that can be walked to from `start` without running a getter. @param {any[]} start */
const reach = (start) => {
  /** @type {Map<object, string>} */
  const names = new Map();
  const work = start.map((object) => ({ object, name: '' }));
  while (work.length > 0) {
    const { object, name } = /** @type {{object: any, name: string}} */ (work.pop());
    if (!isObject(object) || names.has(object)) continue;
    names.set(object, name);
    work.push({ object: getPrototypeOf(object), name: `${name}.__proto__` });
    for (const key of ownKeys(object)) {
      const descriptor = getOwnPropertyDescriptor(object, key);
      for (const part of [descriptor?.value, descriptor?.get, descriptor?.set]) work.push({ object: part, name: `${name}.${String(key)}` });
    }
  }
  return names;
};

// Everything of the host realm that can be named, and the ways to a compiler.
const host = reach([globalThis, (async () => {}).constructor, (function* () {}).constructor, (async function* () {}).constructor, process, import.meta, Script]);
/** @type {Set<object>} */
const compilers = new Set([
  Function, Reflect.get(globalThis, 'eval'), (async () => {}).constructor, (function* () {}).constructor, (async function* () {}).constructor, Script, process,
]);

/** One of each kind of object of the host realm, should a script get hold of one in a way that is not known. */
const strays = [
  {}, [], () => {}, async () => {}, function* () {}, async function* () {}, new Int8Array(1), new DataView(new ArrayBuffer(1)),
  [].keys(), new Map().keys(), new Set().keys(), ''[Symbol.iterator](), /** @type {any} */ ([].keys()).map(String), 'a'.matchAll(/a/g), new Date(), /a/, Promise.resolve(), new Error(), Object(1n),
  Object(Symbol('s')), new WeakMap(),
];

// Handed to no script by a means that is known, and kin of none of those.
Error.prepareStackTrace = (_error, sites) => sites[0];
strays.push(/** @type {any} */ (new Error().stack));
Reflect.deleteProperty(Error, 'prepareStackTrace');

const bare = bareContext();
harden(await reachable(bare));
const ofNode = Object.getOwnPropertyNames(globalThis).filter((name) => !Object.hasOwn(bare, name)).sort();
const kin = [...reach([...strays.map(getPrototypeOf), Atomics, JSON, Math, Reflect])];

let emitted = 0;
/** Overflows at many depths, as the real one may. @param {number} frames @returns {number} */
const deep = (frames) => (frames === 0 ? 0 : deep(frames - 1) + 1);
const emit = () => { emitted += deep(50) - 49; };
const { context, bridge } = furnishContext(emit);
bridge.begin(JSON.stringify({
  bindings: ['binding'], console: true, seed: '0'.repeat(64), lines: 1000, edits: [],
  caps: { result_bytes: 1 << 20, line_bytes: 1 << 22, call_bytes: 1 << 22, calls: 1e7, calls_in_flight: 1e7 },
}));
const names = Object.getOwnPropertyNames(context).sort();
for (const [name, text] of Object.entries(LOOT)) {
  try {
    new Script(text, { filename: 'script.js' }).runInContext(context, { displayErrors: false });
  } catch (error) {
    // What a script throws is no way in for it; the crawl shall see it all the same.
    context.loot[`thrown by ${name}`] = error;
  }
}
const pump = new Script('0');
// A rejected import() takes a few turns of the host's loop.
for (let i = 0; i < 20; i += 1) {
  pump.runInContext(context);
  await new Promise((resolve) => setImmediate(resolve));
}
new Script(CRAWL, { filename: 'script.js' }).runInContext(context, { displayErrors: false });

/** Whether an object is of the host realm: known there, or made by it. @param {any} object */
const isOfHost = (object) => {
  for (let at = object; at !== null; at = getPrototypeOf(at)) if (host.has(at)) return true;
  return false;
};

const found = [...context.found];
const leaked = found.filter((object) => object === emit || isOfHost(object));

/** An error or a bound function that was made for the script: its own to change. @param {any} object */
const isFresh = (object) =>
  !host.has(object) && (isNativeError(object) || (typeof object === 'function' && String(object) === 'function () { [native code] }'));

/** @param {any} object */
const shown = (object) => {
  try {
    return String(object).slice(0, 80);
  } catch {
    return `an object that is ${Array.isArray(object) ? 'a list' : 'no text'}`;
  }
};
console.log(JSON.stringify({
  names,
  ofNode,
  emitted,
  walked: found.length,
  looted: Object.keys(context.loot).length,
  emit: leaked.includes(emit),
  compilers: leaked.filter((object) => compilers.has(object)).length,
  leaked: leaked.map((object) => host.get(object) ?? `made by ${host.get(getPrototypeOf(object)) ?? '?'}: ${shown(object)}`),
  writable: leaked.filter((object) => !isFresh(object) && !Object.isFrozen(object)).map((object) => host.get(object) ?? shown(object)),
  kin: kin.filter(([object]) => compilers.has(object) || !Object.isFrozen(object)).map(([, name]) => name),
  stacks: context.stacks.filter((/** @type {string} */ text) => /\n    at (?!.*script\.js:\d+:\d+\)?($|\n))/.test(text)),
}));
