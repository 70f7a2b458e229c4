// Where a worker begins. The first few of a pool load their modules from files. Then a process of its own, which never
// sees a script, makes V8's code cache of all that workers compile; those started later get it, and start in less time.

'use strict';

// Where the launcher puts it; as in pool/stockade/sandbox/inner/fork.py.
const DESCRIPTOR = 63;

// What the first line takes, spaces included; as in pool/stockade/code.py.
const HEAD_BYTES = 256;

const [, , mode, source] = process.argv;

/** The texts and their code, as the supervisor gave them: a line that says what lies where, then one after the other. */
const given = () => {
  const { closeSync, readSync } = process.getBuiltinModule('node:fs');
  const read = (/** @type {number} */ at, /** @type {number} */ size) => {
    const bytes = Buffer.allocUnsafeSlow(size);
    for (let from = 0, got = 0; from < size; from += got) {
      got = readSync(DESCRIPTOR, bytes, from, size - from, at + from);
      if (got === 0) process.exit(1);
    }
    return bytes;
  };
  /** @type {Record<string, [number, number, number]>} */
  const places = JSON.parse(read(0, HEAD_BYTES).toString());
  return {
    /** @param {string} name @returns {import('./code.cjs').Part | undefined} */
    part(name) {
      if (places[name] === undefined) return undefined;
      const [at, text, data] = places[name];
      const bytes = read(at, text + data);
      return { text: bytes.toString('latin1', 0, text), data: bytes.subarray(text) }; // it is ASCII, which UTF-8 is slow for
    },
    close() {
      closeSync(DESCRIPTOR);
    },
  };
};

if (mode === 'compile') {
  const code = require('./code.cjs');
  const script = code.compiled('worker', () => require('./bundle.cjs').bundle(__dirname, 'worker.cjs'));
  script.runInThisContext()(__dirname, { 'code.cjs': code })('./worker.cjs');
} else if (source === 'compiled') {
  // Not by code.cjs: to find and load one more file takes a tenth of what is won here.
  const parts = given();
  const { text, data } = /** @type {import('./code.cjs').Part} */ (parts.part('worker'));
  const { Script } = process.getBuiltinModule('node:vm');
  const inner = new Script(text, { filename: 'stockade:worker', cachedData: data }).runInThisContext()(__dirname, {});
  inner('./code.cjs').give(parts);
  inner('./worker.cjs');
} else require('./worker.cjs');
