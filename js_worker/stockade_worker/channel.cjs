// The worker's end of the pipe: one line in, lines out, on blocking descriptors.
// Claimed before any script exists; nothing else may write to it.

'use strict';

const { readSync, writeSync } = require('node:fs');

const STDIN = 0;
const STDOUT = 1;
const LF = 10;

// One read takes what a full pipe holds; a longer line is gathered from several.
const CHUNK_BYTES = 64 * 1024;
const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);

/** @type {Buffer[]} parts of a line that is not complete yet */
let parts = [];
/** @type {Buffer} bytes read and not yet handed out */
let rest = Buffer.alloc(0);

/**
 * The next line, without its LF; null when the supervisor has closed its end or is gone.
 * Blocking on purpose: a round trip through Node's streams costs twice as much, and a worker has nothing else to do.
 * @returns {string | null}
 */
const receive = () => {
  for (;;) {
    const end = rest.indexOf(LF);
    if (end >= 0) {
      const line = parts.length === 0
        ? rest.toString('utf8', 0, end)
        : Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8');
      parts = [];
      rest = rest.subarray(end + 1);
      return line;
    }
    if (rest.length > 0) parts.push(rest);
    const read = readSync(STDIN, chunk, 0, CHUNK_BYTES, null);
    if (read === 0) return null;
    rest = Buffer.from(chunk.subarray(0, read));
  }
};

/**
 * Writes text that ends in LF, all of it, before it returns.
 * @param {string} text
 */
const send = (text) => {
  let bytes = Buffer.from(text, 'utf8');
  try {
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(STDOUT, bytes));
  } catch {
    // The supervisor is gone, so nobody is left to tell: end quietly.
    process.exit(0);
  }
};

module.exports = { receive, send };
