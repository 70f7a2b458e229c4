// The worker's end of the pipe: lines in, lines out, on blocking descriptors.
// Claimed before any script exists; nothing else may write to it.

'use strict';

const { readSync, writeSync } = require('node:fs');

const STDIN = 0;
const STDOUT = 1;
const LF = 10;

// Exit code for "this worker cannot be trusted to go on".
const BROKEN = 70;

// And for one that was refused the memory for a line: its script has left none. As in pool/stockade/verdict.py.
const STARVED = 71;

// V8's words for that on Node 22, and Node's on 24.
const REFUSALS = ['Array buffer allocation failed', 'Failed to allocate memory'];

/** What `work` gives; without the memory for it this worker ends. @template T @param {() => T} work @returns {T} */
const withMemory = (work) => {
  try {
    return work();
  } catch (error) {
    if (REFUSALS.includes(/** @type {any} */ (error).message)) process.exit(STARVED);
    throw error;
  }
};

// One read takes what a full pipe holds; a longer line is gathered from several.
const CHUNK_BYTES = 64 * 1024;
const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
const out = Buffer.allocUnsafeSlow(CHUNK_BYTES);

// What UTF-8 makes of one UTF-16 unit at worst.
const MAX_UNIT_BYTES = 3;

/** @type {Buffer[]} parts of a line that is not complete yet */
let parts = [];

/**
 * The lines that have come in, at least one, without their LF; null when the supervisor has closed its end or is gone.
 * Blocking on purpose: a round trip through Node's streams costs twice as much, and a worker has nothing else to do.
 * @returns {string[] | null}
 */
const receive = () => withMemory(lines);

const lines = () => {
  for (;;) {
    const read = readSync(STDIN, chunk, 0, CHUNK_BYTES, null);
    if (read === 0) return null;
    const end = chunk[read - 1] === LF ? read - 1 : chunk.lastIndexOf(LF, read - 1);
    if (end < 0) {
      parts.push(Buffer.from(chunk.subarray(0, read)));
      continue;
    }
    const text = parts.length === 0
      ? chunk.toString('utf8', 0, end)
      : Buffer.concat([...parts, chunk.subarray(0, end)]).toString('utf8');
    parts = end + 1 === read ? [] : [Buffer.from(chunk.subarray(end + 1, read))];
    return text.split('\n');
  }
};

/** Whether a line may have been left half written: nothing may follow that. */
let torn = false;

/**
 * Writes text that ends in LF, all of it, before it returns. Where a script has left too little stack for that, it throws
 * before the first byte: how much it takes is not known ahead, since V8 may compile any function on the way anew.
 * @param {string} text
 */
const send = (text) => {
  if (torn) process.exit(BROKEN);
  const small = text.length * MAX_UNIT_BYTES <= CHUNK_BYTES;
  const bytes = small ? out : withMemory(() => Buffer.from(text, 'utf8'));
  const end = small ? out.write(text) : bytes.length;
  let from = 0;
  try {
    while (from < end) from += writeSync(STDOUT, bytes, from, end - from);
  } catch (error) {
    if (from === 0 && error instanceof RangeError) throw error;
    torn = true;
    // The supervisor is gone, so nobody is left to tell: end quietly.
    process.exit(0);
  }
};

module.exports = { BROKEN, receive, send };
