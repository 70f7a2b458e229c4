// Scripts that V8 does not take as they stand: those that await or return at the top, modules, types, and what is no script.

'use strict';

const { compile, compileAsItStands, refuse, refuseImport } = require('./compile.cjs');
const { withoutExports } = require('./exports.cjs');
const { importAt } = require('./modules.cjs');
const { isUsed, parse, parseAt, usesTopLevel } = require('./parser.cjs');
const { LINE_END, countLines, placeOf, skipBlank } = require('./places.cjs');
const { withoutTypes } = require('./typescript.cjs');
const { wrap } = require('./wrap.cjs');

/**
 * @typedef {import('./compile.cjs').Program} Program
 * @typedef {import('./compile.cjs').Refusal} Refusal
 */

/** @param {string} text @returns {Program | Refusal} */
const javaScriptFirst = (text) => {
  const program = prepareJavaScript(text);
  if ('script' in program) return program;
  const stripped = prepareTypeScript(text);
  const told = 'script' in stripped || stripped.hint !== undefined || isTruer(text, stripped, program) ? stripped : program;
  return stripped.worn ? { ...told, worn: true } : told;
};

/** For a text that is JavaScript too, but seems to mean what it does as TypeScript. @param {string} text @returns {Program | Refusal} */
const typeScriptFirst = (text) => {
  const stripped = prepareTypeScript(text);
  return 'script' in stripped ? stripped : javaScriptFirst(text);
};

/**
 * Whether what is wrong with a text is what is wrong with it as TypeScript: then JavaScript ends at its first type, on a line
 * before that. Of JavaScript V8's words are the better ones.
 * @param {string} text @param {Refusal} typed @param {Refusal} plain
 */
const isTruer = (text, typed, plain) =>
  plain.line !== undefined && (typed.line ?? 0) > plain.line && TYPED.test(text.split(LINE_END)[plain.line - 1] ?? '');

const TYPED = /[\w$)\]?]\s*:\s*[\w$[{('"]|\b(?:as|satisfies|type|interface|implements|abstract|declare|private|public|readonly)\s+[\w$[{*]|[\w$]</;

/** @param {string} text @returns {Program | Refusal} */
const prepareTypeScript = (text) => {
  const stripped = withoutTypes(text);
  if ('broken' in stripped) return { ...prepareJavaScript(text), worn: true };
  if ('why' in stripped) {
    const { why, unknown, wrong, ...place } = stripped;
    const plain = unknown ? prepareJavaScript(text) : null; // what has no types is well as it is
    if (plain !== null && 'script' in plain) return plain;
    if (unknown || wrong) return refuse(why, place);
    const hint = 'Types are removed, not translated: write enums and namespaces as plain objects, and parameter properties as fields.';
    return refuse(why, { ...place, hint });
  }
  const at = importAt(stripped.text);
  if (at >= 0) return refuseImport(placeOf(stripped.text, at));
  return prepareJavaScript(stripped.text);
};

/** @param {string} text @returns {Program | Refusal} */
const prepareJavaScript = (text) => {
  const literal = prepareLiteral(text);
  if (literal !== null) return literal;
  let tree;
  try {
    tree = parse(text, 'script');
  } catch (error) {
    // What V8 alone takes has a variable named `await`.
    return prepareModule(text) ?? compileAsItStands(text) ?? moduleRefusal(text, error) ?? refusal(text, error);
  }
  const last = uncalledFunction(tree);
  if (last === undefined && !usesTopLevel(tree)) return compiled({ body: text, edits: [] }, 0);
  const program = compiledInFunction(text, tree, last === undefined ? {} : { last });
  return 'script' in program ? program : (compileAsItStands(text) ?? program);
};

/** A text that is a module: `export default` gives its value. @param {string} text @returns {Program | Refusal | null} */
const prepareModule = (text) => {
  const tree = treeOf(text, 'module');
  if (tree === null) return null;
  const plain = withoutExports(text, tree);
  if ('imports' in plain) return refuseImport(plain);
  const last = plain.value === undefined ? (plain.last ?? uncalledFunction(tree)) : undefined;
  return compiledInFunction(plain.text, tree, { strict: true, ...plain, ...(last === undefined ? {} : { last }) });
};

/** What is wrong with a module beside that it is one, on which a script ends. @param {string} text @param {any} error of the parser @returns {Refusal | null} */
const moduleRefusal = (text, error) => {
  if (error?.pos === undefined || !/^(?:export|import)\b/.test(text.slice(error.pos, error.pos + 7))) return null;
  try {
    parse(text, 'module');
    return null;
  } catch (other) {
    return parserRefusal(text, other);
  }
};

/** @param {string} text @param {'script' | 'module'} sourceType @returns {any} null for what is none */
const treeOf = (text, sourceType) => {
  try {
    return parse(text, sourceType);
  } catch {
    return null;
  }
};

/** An object literal on its own, also where it could be a block: nobody labels a statement there. @param {string} text @returns {Program | null} */
const prepareLiteral = (text) => {
  const plain = ` ${text}`; // the space is to become a bracket
  const start = skipBlank(plain, 0);
  if (plain[start] !== '{') return null;
  let expression;
  try {
    expression = parseAt(plain, start);
  } catch {
    return null;
  }
  const { type, end, properties } = expression;
  if (type !== 'ObjectExpression' || skipBlank(plain, end) !== plain.length) return null;
  // `{ if (late) { warn() } }` is also an object with a method of that name, and nobody means that.
  if (properties.some((/** @type {any} */ one) => one.method) && treeOf(text, 'script') !== null) return null;
  const literal = `(${plain.slice(1, end)})${plain.slice(end)}`;
  const opened = { line: 1, column: 1, added: 1 };
  const tree = { body: [{ type: 'ExpressionStatement', start: 0, end: end + 1, expression }] };
  const awaits = usesTopLevel(tree);
  const wrapped = awaits ? wrap(literal, tree) : { body: literal, edits: [] };
  const program = compiled({ ...wrapped, edits: [opened, ...wrapped.edits] }, awaits ? -1 : 0);
  return 'script' in program ? program : null;
};

/** The name of such a function. @param {any} tree */
const uncalledFunction = (tree) => {
  const ending = tree.body.findLast((/** @type {any} */ node) => node.type !== 'EmptyStatement' && !isListOfNames(node));
  const last = ending?.type === 'ExportNamedDeclaration' ? ending.declaration : ending;
  // One without a body has nothing to give.
  if (last?.type !== 'FunctionDeclaration' || last.body.body.length === 0 || isUsed(tree, last.id)) return undefined;
  return last.id.name;
};

/** `export { a, b }`. @param {any} node */
const isListOfNames = (node) => node.type === 'ExportNamedDeclaration' && node.declaration === null;

/** @param {string} text @param {any} tree @param {Parameters<typeof wrap>[2]} module @returns {Program | Refusal} */
const compiledInFunction = (text, tree, module) => {
  let wrapped;
  try {
    wrapped = wrap(text, tree, module);
  } catch (error) {
    return tooDeep(error);
  }
  return compiled(wrapped, -1);
};

/** The parser is out of stack, or what looks at its tree. @param {unknown} error @returns {Refusal} */
const tooDeep = (error) => {
  if (!(error instanceof RangeError)) throw error; // of another kind: the parser could not be loaded, say
  return refuse('the script is nested too deeply to be parsed');
};

/** @param {import('./wrap.cjs').Wrapped} wrapped @param {number} lineOffset @returns {Program | Refusal} */
const compiled = ({ body, edits, hidden }, lineOffset) => {
  const { script, message, place } = compile(body, lineOffset);
  if (script !== undefined) return { script, edits, hidden };
  return refuse(message, place && unedited(place, edits));
};

/** The same place in what the user wrote. @param {{line: number, column: number}} place @param {import('./wrap.cjs').Edit[]} edits */
const unedited = ({ line, column }, edits) => {
  const before = edits.filter((edit) => edit.line === line && edit.column < column);
  return { line, column: before.reduce((user, edit) => user - Math.min(edit.added, column - edit.column), column) };
};

/** @param {string} text @param {any} error of the parser @returns {Refusal} */
const refusal = (text, error) => {
  const told = parserRefusal(text, error);
  // V8 says more ("missing ) after argument list"), where both mean the same fault.
  const other = told.line === undefined ? undefined : compile(`(async () => {\n${text}\n})`, -1);
  const line = other?.place?.line ?? 0; // 0: ours
  if (other?.place === undefined || line < 1 || Math.abs(line - (told.line ?? 0)) > 1 || line > countLines(text)) return told;
  return refuse(other.message, other.place);
};

/** In the parser's own words. @param {string} text @param {any} error @returns {Refusal} */
const parserRefusal = (text, error) => {
  if (error?.pos === undefined) return tooDeep(error);
  const message = String(error.message).replace(/ \(\d+:\d+\)$/, '');
  return refuse(message, placeOf(text, error.pos));
};

module.exports = { javaScriptFirst, prepareJavaScript, prepareTypeScript, typeScriptFirst };
