// Models like to put a script between fences, as Markdown wants it.

'use strict';

const { blank } = require('./places.cjs');

const FENCED = /^(\s*(```+|~~~+)[ \t]*(\w*)[^\n\r]*)(\r\n|\n|\r)([^]*?)((?:\r\n|\n|\r)[ \t]*\2[ \t]*\s*)$/;

const TYPESCRIPT = new Set(['ts', 'tsx', 'typescript']);

/**
 * The script between one pair of fences; lines and columns stay as they were.
 * @param {string} text @returns {{text: string, typescript: boolean}}
 */
const withoutFence = (text) => {
  const found = /^\s*(```|~~~)/.test(text) ? FENCED.exec(text) : null;
  if (found === null) return { text, typescript: false };
  const [, open = '', , tag = '', , , close = ''] = found;
  const clean = blank(blank(text, 0, open.length), text.length - close.length, text.length);
  return { text: clean, typescript: TYPESCRIPT.has(tag.toLowerCase()) };
};

module.exports = { withoutFence };
