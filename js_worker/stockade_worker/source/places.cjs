// Where a place in a text is, as people count: lines and columns from 1.

'use strict';

// What JavaScript counts as the end of a line.
const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;

/** @param {string} text */
const countLines = (text) => (text.match(LINE_END)?.length ?? 0) + 1;

/** @param {string} text @param {number} at */
const placeOf = (text, at) => {
  let line = 1;
  let start = 0;
  for (const end of text.matchAll(LINE_END)) {
    if (end.index + end[0].length > at) break;
    line += 1;
    start = end.index + end[0].length;
  }
  return { line, column: at - start + 1 };
};

/** The same text with a part of it made of spaces; lines stay. @param {string} text @param {number} from @param {number} to */
const blank = (text, from, to) => blankAll(text, [[from, to]]);

/**
 * The same of many parts, in their order: one after the other would copy the text for each.
 * @param {string} text @param {[number, number][]} parts
 */
const blankAll = (text, parts) => {
  let out = '';
  let at = 0;
  for (const [from, to] of parts) {
    out += text.slice(at, from) + text.slice(from, to).replace(/[^\n\r\u2028\u2029]/g, ' ');
    at = to;
  }
  return out + text.slice(at);
};

/** Where it begins, or does so between fences. @param {string} text */
const withoutHashbang = (text) => blank(text, 0, /^\s*#!.*/.exec(text)?.[0].length ?? 0);

/** Where something stands that is no space, comment or semicolon. @param {string} text @param {number} from */
const skipBlank = (text, from) => {
  const skipped = /\s+|;|\/\/.*|\/\*[^]*?\*\//y;
  let at = from;
  for (skipped.lastIndex = at; skipped.test(text); at = skipped.lastIndex);
  return at;
};

module.exports = { LINE_END, countLines, placeOf, blank, blankAll, skipBlank, withoutHashbang };
