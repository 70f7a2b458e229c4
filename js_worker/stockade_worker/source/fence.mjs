// Models like to put a script between fences, as Markdown wants it.

import { blank } from './places.mjs';

const FENCED = /^(\s*(```+|~~~+)[ \t]*(\w*)[^\n\r]*)(\r\n|\n|\r)([^]*?)((?:\r\n|\n|\r)[ \t]*\2[ \t]*\s*)$/;

const TYPESCRIPT = new Set(['ts', 'tsx', 'typescript']);

/**
 * The script between one pair of fences; lines and columns stay as they were.
 * @param {string} text @returns {{text: string, typescript: boolean}}
 */
export const withoutFence = (text) => {
  const found = /^\s*(```|~~~)/.test(text) ? FENCED.exec(text) : null;
  if (found === null) return { text, typescript: false };
  const [, open = '', , tag = '', , , close = ''] = found;
  const clean = blank(blank(text, 0, open.length), text.length - close.length, text.length);
  return { text: clean, typescript: TYPESCRIPT.has(tag.toLowerCase()) };
};
