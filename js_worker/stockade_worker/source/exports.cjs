// A script written as a module: what it exports by default is its value; what it imports cannot be had.

'use strict';

const { blankAll, placeOf, skipBlank } = require('./places.cjs');

/**
 * @typedef {{text: string, value?: [number, number], last?: string}} Exported `value`: where the expression stands that is the value
 * @param {string} text @param {any} tree parsed as a module
 * @returns {Exported | {imports: string, line: number, column: number}}
 */
const withoutExports = (text, tree) => {
  /** @type {Exported} */
  const done = { text };
  /** @type {[number, number][]} */
  const taken = [];
  for (const node of tree.body) {
    if (node.source) return { imports: String(node.source.value), ...placeOf(text, node.start) };
    if (node.type === 'ExportNamedDeclaration') {
      const named = node.specifiers.find((/** @type {any} */ one) => (one.exported.name ?? one.exported.value) === 'default');
      if (named !== undefined) done.last = named.local.name;
      taken.push([node.start, node.declaration ? node.declaration.start : node.end]);
    } else if (node.type === 'ExportDefaultDeclaration') taken.push([node.start, exportDefault(done, node)]);
  }
  done.text = blankAll(text, taken);
  return done;
};

/** Where what is exported begins. @param {Exported} done of which `text` is what was given @param {any} node @returns {number} */
const exportDefault = (done, node) => {
  const { declaration } = node;
  if (declaration.id && declaration.type.endsWith('Declaration')) {
    done.last = declaration.id.name;
    return declaration.start;
  }
  // Not that of the declaration: brackets around it are none of it.
  const start = skipBlank(done.text, node.start + 'export'.length) + 'default'.length;
  done.value = [start, node.end];
  return start;
};

module.exports = { withoutExports };
