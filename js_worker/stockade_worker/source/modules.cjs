// Scripts have no modules. A rejected import() hands the script an error of the host realm, so `import` is refused by a
// linear scan of the text, not by a parser that might read it otherwise than V8. Keywords cannot be written with
// escapes and no code can be made from strings, so the text is all there is.

'use strict';

const SPACE = /\s/;

// What may follow the keyword where it loads something: a call, `import.meta` and its kin, or the start of a comment.
// `<!--` and, on a line of its own, `-->` start comments too: annex B of the language.
const FOLLOWS = new Set(['(', '.', '/', '<', '-']);

/**
 * Where `import` stands as a word, not as the name of a property, and may load something; -1 if nowhere.
 * @param {string} text
 */
const importAt = (text) => {
  for (let at = text.indexOf('import'); at >= 0; at = text.indexOf('import', at + 6)) {
    if (isWithinName(text, at)) continue;
    let next = at + 6;
    while (SPACE.test(/** @type {string} */ (text[next]))) next += 1; // of what is beyond the end, `undefined`, nothing is space
    if (FOLLOWS.has(/** @type {string} */ (text[next]))) return at;
  }
  return -1;
};

/** After one dot it names a property; after three it is spread. @param {string} text @param {number} at */
const isWithinName = (text, at) => {
  const before = text[at - 1] ?? '';
  // Written here, where few scripts come by: V8 makes the set of all such letters, which takes it as long as a small script.
  return before === '.' ? text[at - 2] !== '.' : /[\p{ID_Continue}$\u200c\u200d]/u.test(before);
};

module.exports = { importAt };
