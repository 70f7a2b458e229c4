// One script's world: a context made from text alone, and the few host functions that drive it.

'use strict';

const { readFileSync } = require('node:fs');
const { constants, createContext, Script } = require('node:vm');

const { compiled } = require('./code.cjs');

const INSIDE = [
  'primordials.js', 'values.js', 'proxies.js', 'layout.js', 'inspect.js', 'kinds.js', 'format.js', 'errors.js', 'ending.js', 'calls.js',
  'timers.js', 'table.js', 'console.js', 'globals.js',
];

// Evaluated when a script first uses a name of theirs: a context costs the same with them and without.
const WEB = ['events.js', 'encoding.js', 'clone.js', 'crypto.js', 'url_parts.js', 'url.js'];
const WEB_MAKERS = 'makeDomException, makeEvents, makeAbort, makeEncoding, makeUrl, makeCrypto, structuredCloneOf';

/** @param {string} name */
const textOf = (name) => readFileSync(`${__dirname}/inside/${name}`, 'utf8');

// One script for all contexts: V8 compiles it once.
const inside = compiled('inside', () => `(function (emit) {
'use strict';
const makeWeb = () => {
${WEB.map((name) => textOf(`web/${name}`)).join('\n')}
return { __proto__: null, ${WEB_MAKERS} };
};
${INSIDE.map(textOf).join('\n')}
return bridge;
})`);

// Evaluated only for its end: with `afterEvaluate`, that is when a context's own microtasks run.
const pump = new Script('0', { filename: 'stockade:pump' });

/** @typedef {(kind: number, a?: unknown, b?: unknown, c?: unknown) => void} Emit */

/** A context without one host object, with its own microtask queue: once it is dropped, nothing of its run can act. */
const bareContext = () => createContext(/** @type {any} */ (constants.DONT_CONTEXTIFY), {
  codeGeneration: { strings: false, wasm: false },
  microtaskMode: 'afterEvaluate',
});

/** @param {Emit} emit called with primitives alone */
const furnishContext = (emit, context = bareContext()) => ({ context, bridge: inside.runInContext(context)(emit) });

/** @param {Emit} emit @param {import('node:vm').Context} [bare] */
const createRealm = (emit, bare) => {
  const { context, bridge } = furnishContext(emit, bare);
  return {
    /** @param {Script} script */
    evaluate(script) {
      let value;
      try {
        // Without displayErrors Node does not touch what the script throws.
        value = script.runInContext(context, { displayErrors: false });
      } catch (error) {
        bridge.fail(error);
        return;
      }
      bridge.settle(value);
    },
    /** @param {string} settings JSON: bindings, console, caps, and how the source was edited */
    begin(settings) {
      bridge.begin(settings);
    },
    /** @param {string} line @returns {boolean} whether it was that of a timer */
    deliver(line) {
      return bridge.deliver(line) === true;
    },
    /** @param {unknown} reason */
    reject(reason) {
      bridge.fail(reason);
    },
    /** Runs the microtasks of this context until none is left. */
    turn() {
      pump.runInContext(context);
    },
    /** Lets the bridge look whether anything can still happen in this run. */
    rest() {
      bridge.rest();
    },
  };
};

/** @typedef {ReturnType<typeof createRealm>} Realm */

module.exports = { bareContext, furnishContext, createRealm };
