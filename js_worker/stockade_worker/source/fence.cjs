// Models like to put a script between fences, as Markdown wants it.

'use strict';

const { blank } = require('./places.cjs');

const OPEN = /^\s*(?:`{3,}|~{3,})/;
const CLOSE = /^[ \t]*(?:`{3,}|~{3,})$/;

const TYPESCRIPT = new Set(['ts', 'tsx', 'typescript']);

/**
 * The script between one pair of fences; lines and columns stay as they were. By short looks at either end: one pattern
 * for all of it would try each line, and each length of a fence, for the end.
 * @param {string} text @returns {{text: string, typescript: boolean}}
 */
const withoutFence = (text) => {
  const plain = { text, typescript: false };
  const mark = OPEN.exec(text)?.[0];
  if (mark === undefined) return plain;
  const kept = text.trimEnd();
  const last = Math.max(kept.lastIndexOf('\n'), kept.lastIndexOf('\r')) + 1;
  const close = CLOSE.exec(kept.slice(last));
  if (close === null || !close[0].endsWith(/** @type {string} */ (mark.at(-1)))) return plain;
  const open = mark.length + text.slice(mark.length).search(/[\n\r]/);
  // A line stands between them, be it empty.
  if (last <= open + (text.startsWith('\r\n', open) ? 2 : 1)) return plain;
  const tag = /^[ \t]*(\w*)/.exec(text.slice(mark.length, open))?.[1] ?? '';
  return { text: blank(blank(text, 0, open), last, text.length), typescript: TYPESCRIPT.has(tag.toLowerCase()) };
};

module.exports = { withoutFence };
