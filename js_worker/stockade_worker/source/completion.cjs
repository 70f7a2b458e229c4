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
const markLast = (text, statements, name, insert) => {
  for (let i = statements.length - 1; i >= 0; i -= 1) {
    if (!WITHOUT_VALUE.has(statements[i].type)) {
      mark(text, statements[i], name, insert);
      return;
    }
  }
};

const WITHOUT_VALUE = new Set([
  'FunctionDeclaration', 'ClassDeclaration', 'VariableDeclaration', 'EmptyStatement', 'BreakStatement', 'ContinueStatement',
]);

/** @param {string} text @param {any} node @param {string} name @param {Insert} insert */
const mark = (text, node, name, insert) => {
  switch (node.type) {
    case 'ExpressionStatement':
      markSpan(text, node.start, node.end, name, insert);
      break;
    case 'BlockStatement':
      markLast(text, node.body, name, insert);
      break;
    case 'IfStatement':
      mark(text, node.consequent, name, insert);
      if (node.alternate) mark(text, node.alternate, name, insert);
      break;
    case 'TryStatement':
      markLast(text, node.block.body, name, insert);
      if (node.handler) markLast(text, node.handler.body.body, name, insert);
      break;
    case 'SwitchStatement':
      for (const part of node.cases) markLast(text, part.consequent, name, insert);
      break;
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'LabeledStatement':
    case 'WithStatement':
      mark(text, node.body, name, insert);
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
