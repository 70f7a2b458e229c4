// A script written as a module: what it exports by default is its value; what it imports cannot be had.

'use strict';

const { blank, placeOf } = require('./places.cjs');
const { VALUE } = require('./wrap.cjs');

/**
 * @typedef {{text: string, insertions?: import('./wrap.cjs').Insertion[], last?: string}} Exported
 * @param {string} text @param {any} tree parsed as a module
 * @returns {Exported | {imports: string, line: number, column: number}}
 */
const withoutExports = (text, tree) => {
  /** @type {Exported} */
  const done = { text };
  for (const node of tree.body) {
    if (node.source) return { imports: String(node.source.value), ...placeOf(text, node.start) };
    if (node.type === 'ExportNamedDeclaration') {
      const named = node.specifiers.find((/** @type {any} */ one) => (one.exported.name ?? one.exported.value) === 'default');
      if (named !== undefined) done.last = named.local.name;
      done.text = blank(done.text, node.start, node.declaration ? node.declaration.start : node.end);
    } else if (node.type === 'ExportDefaultDeclaration') exportDefault(done, node);
  }
  return done;
};

/** @param {Exported} done @param {any} node */
const exportDefault = (done, node) => {
  const { declaration } = node;
  if (declaration.id && declaration.type.endsWith('Declaration')) {
    done.text = blank(done.text, node.start, declaration.start);
    done.last = declaration.id.name;
    return;
  }
  const keyword = /^export\s+default/.exec(done.text.slice(node.start))?.[0].length;
  const start = node.start + (keyword ?? declaration.start - node.start);
  done.text = blank(done.text, node.start, start);
  const stop = done.text[node.end - 1] === ';';
  done.insertions = [
    { at: start, text: `${VALUE}=(` },
    { at: stop ? node.end - 1 : node.end, text: stop ? ')' : ');' },
  ];
};

module.exports = { withoutExports };
