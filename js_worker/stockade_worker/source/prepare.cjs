// What the user wrote, as something V8 can run, with every position kept or known.

'use strict';

const { compileAsItStands, refuseImport } = require('./compile.cjs');
const { withoutFence } = require('./fence.cjs');
const { importAt } = require('./modules.cjs');
const { placeOf, skipBlank, withoutHashbang } = require('./places.cjs');

/**
 * @typedef {import('./compile.cjs').Language} Language
 * @typedef {import('./compile.cjs').Program} Program
 * @typedef {import('./compile.cjs').Refusal} Refusal
 */

/**
 * Compiles a script, or says in the user's words why it cannot be.
 * @param {string} given @param {Language} [language] @returns {Program | Refusal}
 */
const prepare = (given, language = 'auto') => {
  const at = importAt(given);
  if (at >= 0) return refuseImport(placeOf(given, at));
  const { text: fenced, typescript } = withoutFence(given);
  const text = withoutHashbang(fenced);
  if (language === 'typescript' || (typescript && language === 'auto')) return parsed().prepareTypeScript(text);
  if (language === 'auto' && TYPED_CALL.test(text)) return parsed().typeScriptFirst(text);
  // `await (x)` is also a call of a function named await, so V8's word on a text with "await" in it is not enough.
  if (!text.includes('await') && !endsInFunction(text) && text[skipBlank(text, 0)] !== '{') {
    const program = compileAsItStands(text);
    if (program !== null) return program;
  }
  return language === 'javascript' ? parsed().prepareJavaScript(text) : parsed().javaScriptFirst(text);
};

// `f<T>(x)`, which is two comparisons in JavaScript, and nobody means those: a name, unions of names, or what begins as a
// type of fields, a tuple or a text does. `T[]` is nothing in JavaScript.
const TYPE = String.raw`[A-Za-z_$][\w$.]*(?:<[\w$., [\]{}:|]+>)?`;
const TYPED_CALL = new RegExp(String.raw`(?<=[\w$])<(?:${TYPE}(?: ?\| ?${TYPE})*|[{['"][^()=]{0,400})>\(`);

/** Whether the value may be a function that is declared last and never called: seen without a parser. @param {string} text */
const endsInFunction = (text) => endsInBrace(text) && FUNCTION.test(text);

// Any space but the end of a line: a mark of byte order at the start, say.
const FUNCTION = /(?:^|[;}/])[^\S\n\r\u2028\u2029]*(?:async[^\S\n\r\u2028\u2029]+)?function\b/m;

// So many braces may stand in what comments there are at the end.
const MAX_BRACES = 16;

/** @param {string} text */
const endsInBrace = (text) => {
  let at = text.lastIndexOf('}');
  for (let i = 0; i < MAX_BRACES && at >= 0; i += 1) {
    if (skipBlank(text, at + 1) === text.length) return true;
    at = text.lastIndexOf('}', at - 1);
  }
  return false;
};

/** What only some scripts need, loaded when the first of them comes: an idle worker loads it ahead. */
const parsed = () => require('./parsed.cjs');

module.exports = { prepare };
