// V8's word on a text: a script, or where it is no script.

'use strict';

const { Script } = require('node:vm');

const SCRIPT_NAME = 'script.js';

/**
 * @typedef {'auto' | 'javascript' | 'typescript'} Language
 * @typedef {{script: Script, edits: import('./wrap.cjs').Edit[], hidden?: string | undefined, worn?: boolean}} Program
 * @typedef {{kind: 'syntax', name: string, message: string, line?: number, column?: number, hint?: string, worn?: boolean}} Refusal
 * `worn`: whether this process is not to be used again.
 */

/** @param {string} text @param {number} lineOffset @returns {{script?: Script, message: string, place?: {line: number, column: number}}} */
const compile = (text, lineOffset) => {
  try {
    return { script: new Script(text, { filename: SCRIPT_NAME, lineOffset }), message: '' };
  } catch (error) {
    const { message, stack } = /** @type {Error} */ (error);
    // Node puts the place before the stack: file and line, the line itself, and carets under the column, behind that line's own tabs.
    const found = /^script\.js:(\d+)\n[^\n]*\n([ \t]*)\^/.exec(String(stack));
    return found === null ? { message } : { message, place: { line: Number(found[1]), column: (found[2] ?? '').length + 1 } };
  }
};

/** A text that V8 takes for a script, and runs as it stands. @param {string} text @returns {Program | null} */
const compileAsItStands = (text) => {
  const { script } = compile(text, 0);
  return script === undefined ? null : { script, edits: [] };
};

/** @param {string} message @param {{line?: number, column?: number, hint?: string}} [more] @returns {Refusal} */
const refuse = (message, more) => ({ kind: 'syntax', name: 'SyntaxError', message, ...more });

/** @param {{line: number, column: number, imports?: string}} found @returns {Refusal} */
const refuseImport = ({ line, column, imports }) => refuse(`import is not available: a script has no modules and no files${imports === undefined ? '' : ` (no '${imports}')`}`, {
  line,
  column,
  hint: 'Use the bindings that were given to the script. If "import" only stands in a text or a comment here, write it so that no "(", ".", "/", "<" or "-" follows.',
});

module.exports = { compile, compileAsItStands, refuse, refuseImport };
