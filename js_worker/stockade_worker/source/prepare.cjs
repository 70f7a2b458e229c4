// What the user wrote, as something V8 can run, with every position kept or known.

'use strict';

const { Script } = require('node:vm');

const { withoutExports } = require('./exports.cjs');
const { withoutFence } = require('./fence.cjs');
const { importAt } = require('./modules.cjs');
const { parse, usesTopLevel } = require('./parser.cjs');
const { countLines, placeOf } = require('./places.cjs');
const { withoutTypes } = require('./typescript.cjs');
const { wrap } = require('./wrap.cjs');

const SCRIPT_NAME = 'script.js';

/**
 * @typedef {'auto' | 'javascript' | 'typescript'} Language
 * @typedef {{script: Script, lines: number, edits: import('./wrap.cjs').Edit[]}} Program
 * @typedef {{kind: 'syntax', name: string, message: string, line?: number, column?: number, hint?: string}} Refusal
 */

/**
 * Compiles a script, or says in the user's words why it cannot be.
 * @param {string} given @param {Language} [language] @returns {Program | Refusal}
 */
const prepare = (given, language = 'auto') => {
  const at = importAt(given);
  if (at >= 0) return refuseImport(placeOf(given, at));
  const { text, typescript } = withoutFence(given);
  const lines = countLines(given);
  if (language === 'typescript' || (typescript && language === 'auto')) return prepareTypeScript(text, lines);
  // `await (x)` is also a call of a function named await, so V8's word on a text with "await" in it is not enough.
  if (!text.includes('await') && !endsInFunction(text)) {
    const { script } = compile(text, 0);
    if (script !== undefined) return { script, lines, edits: [] };
  }
  const program = prepareParsed(text, lines);
  if ('script' in program || language === 'javascript') return program;
  const stripped = prepareTypeScript(text, lines);
  return 'script' in stripped || stripped.hint !== undefined ? stripped : program;
};

/** @param {string} text @param {number} lines @returns {Program | Refusal} */
const prepareTypeScript = (text, lines) => {
  const stripped = withoutTypes(text);
  if (stripped === null) return prepareParsed(text, lines);
  if ('why' in stripped) {
    const { why, unknown, ...place } = stripped;
    if (unknown) return { kind: 'syntax', name: 'SyntaxError', message: why };
    const hint = 'Types are removed, not translated: write enums and namespaces as plain objects, and parameter properties as fields.';
    return { kind: 'syntax', name: 'SyntaxError', message: why, ...place, hint };
  }
  const at = importAt(stripped.text);
  if (at >= 0) return refuseImport(placeOf(stripped.text, at));
  return prepareParsed(stripped.text, lines);
};

/** @param {string} text @param {number} lines @returns {Program | Refusal} */
const prepareParsed = (text, lines) => {
  let tree;
  try {
    tree = parse(text, 'script');
  } catch (error) {
    return prepareModule(text, lines) ?? prepareOdd(text, lines) ?? refusal(text, error);
  }
  const last = uncalledFunction(text, tree);
  if (last === undefined && !usesTopLevel(tree)) return compiled(text, 0, lines, []);
  const { body, edits } = wrap(text, tree, last === undefined ? {} : { last });
  const program = compiled(body, -1, lines, edits);
  return 'script' in program ? program : (prepareOdd(text, lines) ?? program);
};

/** A text that is a module: `export default` gives its value. @param {string} text @param {number} lines @returns {Program | Refusal | null} */
const prepareModule = (text, lines) => {
  let tree;
  try {
    tree = parse(text, 'module');
  } catch {
    return null;
  }
  const plain = withoutExports(text, tree);
  if ('imports' in plain) return refuseImport(plain);
  const { body, edits } = wrap(plain.text, tree, { strict: true, ...plain });
  return compiled(body, -1, lines, edits);
};

/** What no statement is and yet has one meaning: a variable named `await`, or an object literal on its own. @param {string} text @param {number} lines @returns {Program | null} */
const prepareOdd = (text, lines) => {
  const plain = compile(text, 0);
  if (plain.script !== undefined) return { script: plain.script, lines, edits: [] };
  if (!/^\s*\{[^]*\}\s*$/.test(text)) return null;
  const { script } = compile(`(${text}\n)`, 0);
  return script === undefined ? null : { script, lines, edits: [{ line: 1, column: 1, added: 1 }] };
};

/** Whether the value may be a function that is declared last and never called: seen without a parser. @param {string} text */
const endsInFunction = (text) => /\}\s*$/.test(text) && /^(?:async\s+)?function\b/m.test(text);

/** The name of such a function. @param {string} text @param {any} tree */
const uncalledFunction = (text, tree) => {
  const last = tree.body.at(-1);
  if (last?.type !== 'FunctionDeclaration') return undefined;
  const { name } = last.id;
  const first = text.indexOf(name);
  const again = first === last.id.start ? text.indexOf(name, last.id.end) : first;
  return again < 0 ? name : undefined;
};

/** @param {string} body @param {number} lineOffset @param {number} lines @param {import('./wrap.cjs').Edit[]} edits @returns {Program | Refusal} */
const compiled = (body, lineOffset, lines, edits) => {
  const { script, message, place } = compile(body, lineOffset);
  if (script !== undefined) return { script, lines, edits };
  return { kind: 'syntax', name: 'SyntaxError', message, ...place };
};

/** @param {string} text @param {number} lineOffset @returns {{script?: Script, message: string, place?: {line: number, column: number}}} */
const compile = (text, lineOffset) => {
  try {
    return { script: new Script(text, { filename: SCRIPT_NAME, lineOffset }), message: '' };
  } catch (error) {
    const { message, stack } = /** @type {Error} */ (error);
    // Node puts the place before the stack: file and line, the line itself, and carets under the column.
    const found = /^script\.js:(\d+)\n[^\n]*\n( *)\^/.exec(String(stack));
    return found === null ? { message } : { message, place: { line: Number(found[1]), column: (found[2] ?? '').length + 1 } };
  }
};

// ---- refusals ------------------------------------------------------------------------------------------------------

/** @param {string} text @param {any} error of the parser @returns {Refusal} */
const refusal = (text, error) => {
  if (error?.pos === undefined) {
    return { kind: 'syntax', name: 'SyntaxError', message: 'the script is nested too deeply to be parsed' };
  }
  const place = placeOf(text, error.pos);
  // V8 says more ("missing ) after argument list"), where both mean the same fault.
  const other = compile(`(async () => {\n${text}\n})`, -1);
  if (other.place !== undefined && Math.abs(other.place.line - place.line) <= 1 && other.place.line <= countLines(text)) {
    return { kind: 'syntax', name: 'SyntaxError', message: other.message, ...other.place };
  }
  const message = String(error.message).replace(/ \(\d+:\d+\)$/, '');
  return { kind: 'syntax', name: 'SyntaxError', message, ...place };
};

/** @param {{line: number, column: number, imports?: string}} found @returns {Refusal} */
const refuseImport = ({ line, column, imports }) => ({
  kind: 'syntax',
  name: 'SyntaxError',
  message: `import is not available: a script has no modules and no files${imports === undefined ? '' : ` (no '${imports}')`}`,
  line,
  column,
  hint: 'Use the bindings that were given to the script. If "import" only stands in a text or a comment here, write it so that no "(", ".", "/", "<" or "-" follows.',
});

module.exports = { prepare };
