// What the user wrote, as something V8 can run, with every position kept or known.

import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';

const SCRIPT_NAME = 'script.js';
const PARSER = new URL('./packed/acorn.js', import.meta.url);

// Before the text, on a line of its own, so that lines and columns stay the user's.
const OPEN = '(async () => {\n';
const CLOSE = '\n})()';
const RETURN = 'return (';

// What JavaScript counts as the end of a line.
const LINE_END = /\r\n|[\n\r\u2028\u2029]/;

/**
 * @typedef {{lines: number, line: number, column: number, shift: number}} Edit of `lines` user lines; from that column of that line on, columns are `shift` too large
 * @typedef {{script: Script, edit: Edit}} Program
 * @typedef {{kind: 'syntax', name: string, message: string, line?: number, column?: number, hint?: string}} Refusal
 */

/** @type {any} */
let acorn = null;

/** Loads the parser: some 20 ms that a run without `await` never pays, and an idle worker pays ahead. */
export const warm = () => {
  if (acorn !== null) return;
  const module = { exports: {} };
  const text = readFileSync(PARSER, 'utf8');
  new Script(`(function (exports, module) {${text}\n})`, { filename: 'stockade:parser' }).runInThisContext()(module.exports, module);
  acorn = module.exports;
  parse('await 1; return 2');
};

/**
 * Compiles a script, or says in the user's words why it cannot be.
 * @param {string} text @returns {Program | Refusal}
 */
export const prepare = (text) => {
  if (reachesForModules(text)) return refuseModules(text);
  // `await (x)` is also a call of a function named await, so V8's word on a text with "await" in it is not enough.
  if (!text.includes('await')) {
    const plain = compile(text, 0);
    if (plain.script !== undefined) return { script: plain.script, edit: unedited(text) };
  }
  return prepareParsed(text);
};

/** @param {string} text @returns {Program | Refusal} */
const prepareParsed = (text) => {
  warm();
  /** @type {any} */
  let tree;
  try {
    tree = parse(text);
  } catch (error) {
    return refusal(error);
  }
  const { body, edit } = usesTopLevel(tree) ? wrap(text, tree) : { body: text, edit: unedited(text) };
  const compiled = compile(body, body === text ? 0 : -1);
  if (compiled.script !== undefined) return { script: compiled.script, edit };
  return { kind: 'syntax', name: 'SyntaxError', message: compiled.message, ...compiled.place };
};

/** @param {string} text */
const parse = (text) =>
  acorn.parse(text, {
    ecmaVersion: 'latest',
    sourceType: 'script',
    allowAwaitOutsideFunction: true,
    allowReturnOutsideFunction: true,
    allowHashBang: true,
    locations: true,
  });

/** @param {string} text @param {number} lineOffset @returns {{script?: Script, message: string, place: {line?: number}}} */
const compile = (text, lineOffset) => {
  try {
    return { script: new Script(text, { filename: SCRIPT_NAME, lineOffset }), message: '', place: {} };
  } catch (error) {
    const { message, stack } = /** @type {Error} */ (error);
    const line = /^script\.js:(\d+)/.exec(String(stack))?.[1];
    return { message, place: line === undefined ? {} : { line: Number(line) } };
  }
};

/** @param {any} error of the parser @returns {Refusal} */
const refusal = (error) => {
  if (error?.loc === undefined) {
    return { kind: 'syntax', name: 'SyntaxError', message: 'the script is nested too deeply to be parsed' };
  }
  return {
    kind: 'syntax',
    name: 'SyntaxError',
    message: String(error.message).replace(/ \(\d+:\d+\)$/, ''),
    line: error.loc.line,
    column: error.loc.column + 1,
  };
};

/** The last expression becomes the value, the rest stays where it is. @param {string} text @param {any} tree */
const wrap = (text, tree) => {
  const clean = blankHashbang(text);
  const last = tree.body.at(-1);
  if (last?.type !== 'ExpressionStatement') return { body: OPEN + clean + CLOSE, edit: unedited(text) };
  const { start, expression, loc } = last;
  return {
    body: `${OPEN}${clean.slice(0, start)}${RETURN}${clean.slice(start, expression.end)})${clean.slice(expression.end)}${CLOSE}`,
    edit: { ...unedited(text), line: loc.start.line, column: loc.start.column + 1, shift: RETURN.length },
  };
};

/** @param {string} text @returns {Edit} */
const unedited = (text) => ({ lines: text.split(LINE_END).length, line: 0, column: 0, shift: 0 });

/** A hashbang is legal on a text's first line only, which the wrapper takes. @param {string} text */
const blankHashbang = (text) => (text.startsWith('#!') ? `//${text.slice(2)}` : text);

/** Whether the script awaits or returns outside of every function. @param {any} node @returns {boolean} */
const usesTopLevel = (node) => {
  // A list of work instead of recursion: an expression may be nested as deep as the parser allows.
  const work = [node];
  while (work.length > 0) {
    const next = work.pop();
    if (next.type === 'AwaitExpression' || next.type === 'ReturnStatement') return true;
    if (next.type === 'ForOfStatement' && next.await) return true;
    for (const key of Object.keys(next)) {
      const child = next[key];
      if (Array.isArray(child)) {
        for (const item of child) if (isNode(item) && !isFunction(item)) work.push(item);
      } else if (isNode(child) && !isFunction(child)) work.push(child);
    }
  }
  return false;
};

/** @param {any} value */
const isNode = (value) => typeof value === 'object' && value !== null && typeof value.type === 'string';

/** @param {any} node */
const isFunction = (node) =>
  node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
  || node.type === 'StaticBlock';

// ---- import --------------------------------------------------------------------------------------------------------

const WORD = /[\p{ID_Continue}$\u200c\u200d]/u;

/**
 * Whether `import` stands anywhere as a word and is followed by what makes it load something.
 * A rejected import() hands the script an error of the host realm, so this is decided by a linear scan of the text,
 * not by a parser that might read it otherwise than V8. Keywords cannot be written with escapes.
 * @param {string} text
 */
const reachesForModules = (text) => {
  for (let at = text.indexOf('import'); at >= 0; at = text.indexOf('import', at + 6)) {
    if (at > 0 && (WORD.test(/** @type {string} */ (text[at - 1])))) continue;
    let next = at + 6;
    while (next < text.length && /\s/.test(/** @type {string} */ (text[next]))) next += 1;
    const follows = text[next];
    if (follows === '(' || follows === '.' || follows === '/') return true;
  }
  return false;
};

/** @param {string} text @returns {Refusal} */
const refuseModules = (text) => {
  const at = text.search(/(?<![\p{ID_Continue}$])import\s*[(./]/u);
  const before = text.slice(0, Math.max(at, 0));
  return {
    kind: 'syntax',
    name: 'SyntaxError',
    message: 'import is not available: a script has no modules and no files',
    line: before.split('\n').length,
    column: before.length - before.lastIndexOf('\n'),
    hint: 'Use the bindings that were given to the script. If "import" only stands in a text or a comment here, write it so that no "(", "." or "/" follows.',
  };
};
