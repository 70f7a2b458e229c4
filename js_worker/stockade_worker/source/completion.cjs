// Where the value of a script arises: the places that its last statement may leave a value at.

'use strict';

/**
 * @typedef {{at: number, text: string, ends?: boolean}} Insertion `ends`: whether it belongs to what stands before it
 * @typedef {(insertion: Insertion) => void} Insert
 */

/**
 * Marks the expressions whose value the list of statements has, as V8 would: declarations leave none.
 * @param {string} text @param {any[]} statements @param {string} name of the variable that is to hold the value @param {Insert} insert
 */
const markLast = (text, statements, name, insert) => markList({ text, name, insert, again: false }, statements);

/**
 * `again`: whether the variable may hold what an earlier statement, or an earlier round of a loop, has left.
 * @typedef {{text: string, name: string, insert: Insert, again: boolean}} Marks
 */

/** In a loop, or where a label is, any statement may be the last by `continue` or `break`. @param {Marks} marks @param {any[]} statements */
const markList = (marks, statements) => {
  for (let i = statements.length - 1; i >= 0; i -= 1) {
    mark(marks, statements[i]);
    if (!marks.again && !mayBeWithout(statements[i])) return;
  }
};

const WITHOUT_VALUE = new Set(['FunctionDeclaration', 'ClassDeclaration', 'VariableDeclaration', 'EmptyStatement', 'DebuggerStatement']);

/** @param {any} node @returns {boolean} */
const mayBeWithout = (node) => WITHOUT_VALUE.has(node.type) || isLabeled(node) || (node.type === 'BlockStatement' && node.body.every(mayBeWithout));

/** What is left by `break` before anything in it has a value has that of the statement before it. @param {any} node */
const isLabeled = (node) => node.type === 'LabeledStatement' && !LOOPS.has(underLabels(node).type);

/** @param {any} node @returns {any} */
const underLabels = (node) => (node.type === 'LabeledStatement' ? underLabels(node.body) : node);

const LOOPS = new Set(['ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement']);

/** @param {Marks} marks @param {any} node */
const mark = (marks, node) => {
  const { text, name, insert, again } = marks;
  const none = `${name}=void 0`;
  switch (node.type) {
    case 'ExpressionStatement':
      markSpan(text, node.start, node.end, name, insert);
      break;
    case 'BlockStatement':
      markList(marks, node.body);
      break;
    case 'IfStatement':
      // What has a value of its own even where nothing in it is run: none.
      if (again) insert({ at: node.test.start, text: `${none},` });
      mark(marks, node.consequent);
      if (node.alternate) mark(marks, node.alternate);
      break;
    case 'TryStatement':
      if (again) insert({ at: node.block.start + 1, text: `${none};` });
      markList(marks, node.block.body);
      if (node.handler !== null) {
        insert({ at: node.handler.body.start + 1, text: `${none};` });
        markList(marks, node.handler.body.body);
      }
      if (node.finalizer !== null && again) markFinally(marks, node.finalizer, none);
      break;
    case 'SwitchStatement':
      if (again) insert({ at: node.discriminant.start, text: `${none},` });
      // One case may go on into the next.
      for (const part of node.cases) markList({ ...marks, again: true }, part.consequent);
      break;
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      markLoop(marks, node, node);
      break;
    case 'LabeledStatement':
      if (isLabeled(node)) mark({ ...marks, again: true }, underLabels(node));
      else markLoop(marks, node, underLabels(node));
      break;
    case 'WithStatement':
      if (again) insert({ at: node.object.start, text: `${none},` });
      mark(marks, node.body);
      break;
    default:
  }
};

/** What it leaves counts only where `break` or `continue` leaves it. @param {Marks} marks @param {any} block @param {string} none */
const markFinally = (marks, block, none) => {
  // No name of the text has the other in it, so neither is this one there.
  const kept = `${marks.name}_`;
  marks.insert({ at: block.start + 1, text: `const ${kept}=${marks.name};${none};` });
  markList(marks, block.body);
  marks.insert({ at: block.end - 1, text: `;${marks.name}=${kept};` });
};

/** @param {Marks} marks @param {any} node the loop, or the labels before it @param {any} loop */
const markLoop = (marks, node, loop) => {
  if (marks.again) marks.insert({ at: node.start, text: `{${marks.name}=void 0;` });
  mark({ ...marks, again: true }, loop.body);
  if (marks.again) marks.insert({ at: node.end, text: '}', ends: true });
};

/** @param {string} text @param {number} start @param {number} end @param {string} name @param {Insert} insert */
const markSpan = (text, start, end, name, insert) => {
  insert({ at: start, text: `${name}=(` });
  const stop = text[end - 1] === ';';
  insert({ at: stop ? end - 1 : end, text: stop ? ')' : ');', ends: true });
};

module.exports = { markLast, markSpan };
