// The parser, loaded when it is first needed.

'use strict';

const { readFileSync } = require('node:fs');

const { compiled } = require('../code.cjs');

const PARSER = `${__dirname}/../packed/acorn.js`;

const OPTIONS = {
  ecmaVersion: 'latest',
  allowAwaitOutsideFunction: true,
  allowReturnOutsideFunction: true,
};

/** @type {any} */
let acorn = null;

/** Loaded when it is first needed: some 20 ms that a run without `await` never pays, and an idle worker pays ahead. */
const parser = () => {
  if (acorn === null) {
    const module = { exports: {} };
    const script = compiled('parser', () => `(function (exports, module) {${readFileSync(PARSER, 'utf8')}\n})`);
    script.runInThisContext()(module.exports, module);
    acorn = module.exports;
  }
  return acorn;
};

/** @param {string} text @param {'script' | 'module'} sourceType @returns {any} the tree; throws what the parser throws */
const parse = (text, sourceType) => parser().parse(text, { ...OPTIONS, sourceType });

/** The expression that begins there, whatever follows it. @param {string} text @param {number} at @returns {any} as `parse` */
const parseAt = (text, at) => parser().parseExpressionAt(text, at, OPTIONS);

/** Whether `await` or `return` stands outside of any function. @param {any} tree */
const usesTopLevel = (tree) => {
  const work = tree.body.filter((/** @type {any} */ node) => !isFunction(node));
  while (work.length > 0) {
    const next = work.pop();
    if (next.type === 'AwaitExpression' || next.type === 'ReturnStatement') return true;
    if (next.await || next.kind === 'await using') return true; // the first of `for await`
    for (const key of Object.keys(next)) {
      const child = next[key];
      if (Array.isArray(child)) {
        for (const item of child) if (isNode(item) && !isFunction(item)) work.push(item);
      } else if (isNode(child) && !isFunction(child)) work.push(child);
    }
  }
  return false;
};

/** Whether a function is named anywhere, but to call itself. @param {any} tree @param {any} declared its identifier */
const isUsed = (tree, declared) => isNamed([tree], declared, false);

/** @param {any[]} work @param {any} declared @param {boolean} within the function itself @returns {boolean} */
const isNamed = (work, declared, within) => {
  while (work.length > 0) {
    const next = work.pop();
    if (next.type === 'ExportSpecifier') continue;
    if (next.id === declared) {
      if (isNamed([...next.params, next.body], declared, true)) return true;
      continue;
    }
    if (next.type === 'Identifier' && next.name === declared.name) return true;
    const callsItself = within && next.type === 'CallExpression' && next.callee.name === declared.name;
    for (const key of Object.keys(next)) {
      // After a dot, or before a colon, it is the name of a property.
      if (((key === 'property' || key === 'key') && !next.computed) || (key === 'callee' && callsItself)) continue;
      const child = next[key];
      if (Array.isArray(child)) {
        for (const item of child) if (isNode(item)) work.push(item);
      } else if (isNode(child)) work.push(child);
    }
  }
  return false;
};

/** @param {any} value */
const isNode = (value) => typeof value === 'object' && value !== null && typeof value.type === 'string';

/** @param {any} node */
const isFunction = (node) =>
  node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression';

module.exports = { isUsed, parse, parseAt, usesTopLevel };
