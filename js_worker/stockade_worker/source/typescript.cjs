// TypeScript by Node's own type stripping: types become spaces, so every position stays.

'use strict';

const { stripTypeScriptTypes } = require('node:module');

const { LINE_END, countLines, skipBlank } = require('./places.cjs');

// Types may surround a top-level `return`, which is no module's and no script's: stripped as a function's body. But `export`
// stands in no function, and an object literal on its own is none of a block.
const FUNCTION = /** @type {const} */ ([';async () => {\n', '\n}']);
const MODULE = /** @type {const} */ (['', '']);
const LITERAL = /** @type {const} */ ([';async () => { x =\n', '\n}']);

// A script may export and return as well: then it is stripped without that word.
const EXPORT = /^([ \t]*)export([ \t]+)(?=[a-z])/gm;

// One column each.
const NARROW = /^[ -\u02ff]*$/;

const TYPE_IMPORT = /import\s+type\b[^'"();]*(?:'[^'\n]*'|"[^"\n]*")/y;

/**
 * Why there is no script without types: it has what would have to be translated, or is `wrong` as TypeScript too.
 * @typedef {{why: string, line?: number, column?: number, unknown?: boolean, wrong?: boolean}} Reason `unknown`: whether it is TypeScript cannot be told
 */

/**
 * The script without its types; or why it cannot be had. `broken`: a text nested too deeply leaves the stripper, which is
 * WebAssembly, without a stack for good. The first use costs 50 to 70 ms.
 * @param {string} text @returns {{text: string} | Reason | {broken: true}}
 */
const withoutTypes = (text) => {
  /** @type {Reason} */
  let furthest = { why: '' };
  const start = afterTypeImports(text);
  for (const [open, close, given] of ways(text)) {
    try {
      const stripped = stripTypeScriptTypes(given.slice(0, start) + open + given.slice(start) + close);
      const left = stripped.slice(0, start) + stripped.slice(start + open.length, stripped.length - close.length);
      return { text: exportedAgain(text, left) };
    } catch (error) {
      const why = reason(/** @type {any} */ (error), open === '' ? 0 : 1, given);
      if (why === null) return { broken: true };
      if (!why.wrong) return why;
      // What ends too early does so on a line of ours.
      why.line = Math.min(why.line ?? 0, countLines(text));
      if (why.line >= (furthest.line ?? 0)) furthest = why;
    }
  }
  return furthest;
};

/** @param {string} text @returns {(readonly [string, string, string])[]} what stands around which text */
const ways = (text) => {
  const plain = text.replace(EXPORT, '$1      $2');
  return [
    ...(text[skipBlank(text, 0)] === '{' ? [/** @type {const} */ ([...LITERAL, text])] : []),
    [...FUNCTION, text],
    [...MODULE, text],
    ...(plain === text ? [] : [/** @type {const} */ ([...FUNCTION, plain])]),
  ];
};

/** With the word before all that was no type, where it is not there still. @param {string} text @param {string} stripped of the same length */
const exportedAgain = (text, stripped) => {
  let out = '';
  let from = 0;
  for (const { index, 0: all, 1: blanks = '' } of text.matchAll(EXPORT)) {
    const end = index + all.length;
    if (stripped[end] !== text[end]) continue;
    out += stripped.slice(from, index + blanks.length) + text.slice(index + blanks.length, end);
    from = end;
  }
  return out + stripped.slice(from);
};

/** Imports of types at the start stand in no function either. @param {string} text @returns {number} where they end; 0 if there are none */
const afterTypeImports = (text) => {
  let at = 0;
  for (TYPE_IMPORT.lastIndex = skipBlank(text, 0); TYPE_IMPORT.test(text); TYPE_IMPORT.lastIndex = skipBlank(text, at)) at = TYPE_IMPORT.lastIndex;
  return at;
};

/** @param {any} error of the stripper @param {number} before how many lines of ours are @param {string} text without those @returns {Reason | null} null for none that it means to throw */
const reason = ({ code, message, stack }, before, text) => {
  if (code === 'ERR_WEBASSEMBLY_NOT_SUPPORTED') return { why: 'TypeScript needs WebAssembly, and jitless has none', unknown: true };
  const invalid = code === 'ERR_INVALID_TYPESCRIPT_SYNTAX';
  if (!invalid && code !== 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return null;
  // Before Node.js 22.18 the message is a drawing of the place, and one code stands for both.
  const [, why = String(message), drawn] = /^ *x ([^\n]*)(?:[^]*?\n *(\d+) \|[^\n]*\n *: *\^)?/.exec(message) ?? [];
  const wrong = invalid && !why.includes('strip-only mode');
  const told = drawn ?? /^[^\n]*:(\d+)\n/.exec(String(stack))?.[1];
  const line = Number(told) - before;
  const column = columnOf(String(stack), text.split(LINE_END)[line - 1]);
  return { why, ...(told === undefined ? {} : { line }), ...(column === undefined ? {} : { column }), ...(wrong ? { wrong } : {}) };
};

/** Above the stack stands the line, with a caret below. @param {string} stack @param {string | undefined} line as it was written */
const columnOf = (stack, line) => {
  const [, drawn = '', blanks] = /\n([^\n]*)\n( *)\^/.exec(stack) ?? [];
  const before = drawn.slice(0, blanks?.length);
  // A tab is drawn as some blanks, and the caret counts columns of a terminal: past other letters there is no telling.
  return before.length === blanks?.length && NARROW.test(before) && line?.startsWith(before) ? before.length + 1 : undefined;
};

module.exports = { withoutTypes };
