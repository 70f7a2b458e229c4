// TypeScript by Node's own type stripping: types become spaces, so every position stays.

'use strict';

const { stripTypeScriptTypes } = require('node:module');

// Types may surround a top-level `return`, which is no module's and no script's: stripped as a function's body.
const OPEN = 'async () => {\n';
const CLOSE = '\n}';

/**
 * The script without its types; or why it cannot be had: null where it is no TypeScript either.
 * The first use costs 50 to 70 ms.
 * @param {string} text @returns {{text: string} | {why: string, line?: number, unknown?: boolean} | null}
 */
const withoutTypes = (text) => {
  const strip = /** @type {any} */ (stripTypeScriptTypes);
  if (typeof strip !== 'function') return null;
  try {
    const stripped = strip(OPEN + text + CLOSE);
    return { text: stripped.slice(OPEN.length, stripped.length - CLOSE.length) };
  } catch (error) {
    const why = reason(error);
    if (why !== null) return why;
  }
  try {
    // `export` stands in no function.
    return { text: strip(text) };
  } catch {
    return null;
  }
};

/** @param {any} error of the stripper @returns {{why: string, line?: number, unknown?: boolean} | null} `unknown`: whether it is TypeScript cannot be told */
const reason = ({ code, message, stack }) => {
  if (code === 'ERR_WEBASSEMBLY_NOT_SUPPORTED') return { why: 'TypeScript needs WebAssembly, and jitless has none', unknown: true };
  if (code !== 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return null;
  const line = /^[^\n]*:(\d+)\n/.exec(String(stack))?.[1];
  return { why: String(message), ...(line === undefined ? {} : { line: Number(line) - 1 }) };
};

module.exports = { withoutTypes };
