// A script that awaits or returns at the top becomes the body of an async function, with every position known.

'use strict';

const { markLast, markSpan } = require('./completion.cjs');
const { placeOf } = require('./places.cjs');

/**
 * At `column` of `line` of the source that runs, `added` columns stand that the user did not write.
 * @typedef {{line: number, column: number, added: number}} Edit
 * `hidden`: the name of a variable of ours, which V8 gives to functions that have none.
 * @typedef {{body: string, edits: Edit[], hidden?: string}} Wrapped
 * @typedef {import('./completion.cjs').Insertion} Insertion
 */

/**
 * @param {string} text as the user wrote it, so far @param {any} tree of it
 * @param {{strict?: boolean, value?: [number, number], last?: string}} [module] what its exports ask for
 * @returns {Wrapped} `body` has one line more at its start
 */
const wrap = (text, tree, module = {}) => {
  const name = freeName(text);
  /** @type {Insertion[]} */
  const insertions = [];
  const insert = (/** @type {Insertion} */ insertion) => insertions.push(insertion);
  if (module.value !== undefined) markSpan(text, ...module.value, name, insert);
  else if (module.last === undefined) markLast(text, tree.body, name, insert);
  const { text: inner, edits } = insertAll(text, insertions);
  const last = module.last === undefined ? '' : `${name} = ${module.last};`;
  // Before the text, on a line of its own, so that lines and columns stay the user's.
  const strict = module.strict === true || tree.body.some((/** @type {any} */ node) => node.directive === 'use strict');
  const open = `(async () => {${strict ? "'use strict';" : ''}let ${name};\n`;
  return { body: `${open}${inner}\n${last}return ${name};})()\n${UNNAMED}`, edits, hidden: name };
};

/** The last such comment counts: of a script that gives itself a name V8 would count the lines from ours. */
const UNNAMED = '//# sourceURL=';

/** A short name that the text does not use. @param {string} text */
const freeName = (text) => {
  let name = '$v';
  for (let i = 0; text.includes(name); i += 1) name = `$v${i}`;
  return name;
};

/** @param {string} text @param {Insertion[]} insertions */
const insertAll = (text, insertions) => {
  insertions.sort((a, b) => a.at - b.at || Number(b.ends ?? false) - Number(a.ends ?? false));
  /** @type {Edit[]} */
  const edits = [];
  let out = '';
  let from = 0;
  // Of what runs.
  let line = 1;
  let column = 1;
  for (const { at, text: inserted } of insertions) {
    const between = text.slice(from, at);
    out += between + inserted;
    from = at;
    const moved = placeOf(between, between.length);
    line += moved.line - 1;
    column = moved.line === 1 ? column + between.length : moved.column;
    edits.push({ line, column, added: inserted.length });
    column += inserted.length;
  }
  return { text: out + text.slice(from), edits };
};

module.exports = { wrap };
