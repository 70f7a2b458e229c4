// The worker's own texts, compiled; from V8's code cache of them, where an earlier process of the same pool has made it.

'use strict';

const { Script } = require('node:vm');

/** @typedef {{text: string, data: Buffer}} Part what V8 compiled, and its code cache */
/** @typedef {{part: (name: string) => Part | undefined, close: () => void}} Given each with its text: code of another text would be taken for this one's */

/** @type {Given | null} */
let given = null;

/** @type {Map<string, {text: string, script: Script}>} */
const made = new Map();

/** @param {Given} parts what need not be read and compiled any more */
const give = (parts) => {
  given = parts;
};

/** To be called before there is a script: what it is given is not lying open beside it. */
const close = () => {
  given?.close();
  given = null;
};

/** @param {string} letter */
const escaped = (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * The same text in ASCII, which a start reads in a fifth of the time. The rest stands in strings, patterns and comments alone.
 * @param {string} text
 */
const ascii = (text) => text.replace(/[^\0-\x7f]/g, escaped);

/**
 * A function written as text. V8 compiles anew what another version of it, or other flags, have made.
 * @param {string} name @param {() => string} read gives the text, if nobody else has
 */
const compiled = (name, read) => {
  const part = given?.part(name);
  const text = part === undefined ? ascii(read()) : part.text;
  // The name is neutral, so that no stack shows a path of the machine.
  const script = new Script(text, { filename: `stockade:${name}`, ...(part === undefined ? {} : { cachedData: part.data }) });
  made.set(name, { text, script });
  return script;
};

/** The message `code`. What has run is in the cache; what has not is compiled when it does. */
const line = () => {
  const parts = [...made].map(([name, { text, script }]) => ({ name, text, data: script.createCachedData().toString('base64') }));
  return `${JSON.stringify({ type: 'code', parts })}\n`;
};

module.exports = { give, close, compiled, line };
