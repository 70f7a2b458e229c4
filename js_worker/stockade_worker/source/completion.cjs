// Where the value of a script arises: the places that its last statement may leave a value at.

'use strict';

/**
 * @typedef {{at: number, text: string}} Insertion
 * @typedef {(insertion: Insertion) => void} Insert
 */

/**
 * Marks the expressions whose value the list of statements has, as V8 would: declarations leave none.
 * @param {string} text @param {any[]} statements @param {string} name of the variable that is to hold the value @param {Insert} insert
 */
const markLast = (text, statements, name, insert) => markList({ text, name, insert, loop: false }, statements);

/** @typedef {{text: string, name: string, insert: Insert, loop: boolean}} Marks `loop`: whether the variable may hold what an earlier round left */

/** In a loop any statement may be the last of its round, by `continue` or `break`. @param {Marks} marks @param {any[]} statements */
const markList = (marks, statements) => {
  for (let i = statements.length - 1; i >= 0; i -= 1) {
    if (isWithoutValue(statements[i])) continue;
    mark(marks, statements[i]);
    if (!marks.loop) return;
  }
};

const WITHOUT_VALUE = new Set([
  'FunctionDeclaration', 'ClassDeclaration', 'VariableDeclaration', 'EmptyStatement', 'BreakStatement', 'ContinueStatement',
]);

/** @param {any} node @returns {boolean} */
const isWithoutValue = (node) => WITHOUT_VALUE.has(node.type) || (node.type === 'BlockStatement' && node.body.every(isWithoutValue));

/** @param {Marks} marks @param {any} node */
const mark = (marks, node) => {
  const { text, name, insert, loop } = marks;
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
      if (loop) insert({ at: node.test.start, text: `${none},` });
      mark(marks, node.consequent);
      if (node.alternate) mark(marks, node.alternate);
      break;
    case 'TryStatement':
      if (loop) insert({ at: node.block.start + 1, text: `${none};` });
      markList(marks, node.block.body);
      if (node.handler === null) break;
      insert({ at: node.handler.body.start + 1, text: `${none};` });
      markList(marks, node.handler.body.body);
      break;
    case 'SwitchStatement':
      if (loop) insert({ at: node.discriminant.start, text: `${none},` });
      for (const part of node.cases) markList(marks, part.consequent);
      break;
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      mark({ ...marks, loop: true }, node.body);
      break;
    case 'LabeledStatement':
    case 'WithStatement':
      mark(marks, node.body);
      break;
    default:
  }
};

/** @param {string} text @param {number} start @param {number} end @param {string} name @param {Insert} insert */
const markSpan = (text, start, end, name, insert) => {
  insert({ at: start, text: `${name}=(` });
  const stop = text[end - 1] === ';';
  insert({ at: stop ? end - 1 : end, text: stop ? ')' : ');' });
};

module.exports = { markLast, markSpan };
