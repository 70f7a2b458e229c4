// Advice for a script that went well: a field it read of what a binding gave, which that has not. And only where it came to nothing,
// to less than was meant, or to an order by that.

'use strict';

const { aList, bare, escaped, handedTo, isAwaited, isGiven, listed, nearest, noSuchField, placeWithin, timesGiven, MAX_NAME } = require('./hints.cjs');

/** @typedef {import('./hints.cjs').Asked} Asked */

// So much of a script is looked at for what it reads, and so many names that it reads from: 40 ms at worst.
const MAX_SEARCHED = 5_000;
const MAX_ROOTS = 20;

/** What anything has, and what stockade gives some. */
const OF_ALL = new Set(['constructor', 'meta', ...Object.getOwnPropertyNames(Object.prototype)]);

const COMMENTS = /(?<!:)\/\/.*|\/\*[^]*?\*\//g;

// The last page has none.
const OF_PAGES = /next|token|cursor|marker|more/i;

const READ = /(?<![\w$.])([\w$]+)(\[[^\]]{0,40}\])?\.([\w$]+)/g;
const READ_AT_ONCE = new RegExp(`\\(\\s*await\\s+([\\w$]+)\\([^()]{0,${MAX_NAME}}\\)\\s*\\)(\\[[^\\]]{0,40}\\])?\\.([\\w$]+)`, 'g');
const UNPACKED = new RegExp(`\\b(?:const|let|var)\\s*\\{([^{}=]{0,${MAX_NAME}})\\}\\s*=\\s*await\\s+([\\w$]+)\\s*\\(`, 'g');

// Whoever asks whether something is there expects that it is not. But to compare it needs it.
const ASKED_BEFORE = /(?:!|\b(?:if|while)\s{0,9}\()$/;
const ASKED_AFTER = /^\s*(?:[(=?]|!=|&&|\|\|)/;
const COMPARED = /^\s*(?:[=!]==?\s*["'`\d]|[<>])/;
const ORDERED = /^\s*[-<>]/;

/**
 * For a script that came to nothing, or to less than was meant: a field it reads of what a binding gave, which that has not.
 * @param {unknown} text the value as JSON @param {{shapes: Record<string, string[]>, lostValue: boolean}} given @param {Asked} asked
 * @returns {string | undefined}
 */
const ofValue = (text, { shapes, lostValue }, { script }) => {
  const head = script.slice(0, MAX_SEARCHED).replace(COMMENTS, '');
  const isLess = lostValue || typeof text !== 'string' || /undefined|NaN/.test(text);
  const isEmpty = isLess || /\b0\b|false|null|""|\[\]|\{\}/.test(text);
  const isSorted = /\.(?:sort|toSorted)\(/.test(head); // which nothing can be seen of
  if (!isEmpty && !isSorted) return undefined;
  const known = Object.keys(shapes).filter((one) => one.endsWith('[]') || !one.includes('.')); // not objects within
  for (const { field, binding, isList, isCompared, isOrdered } of readsOf(known, head)) {
    if (!isLess && !(isEmpty && isCompared) && !(isSorted && isOrdered)) continue;
    const fields = shapes[binding] ?? [];
    const has = fields.includes(field) || OF_ALL.has(field) || OF_PAGES.test(field) || (isList && field in []);
    if (has || new RegExp(`\\.${escaped(field)}\\s*=(?!=)`).test(head)) continue;
    if (isList) return aList(binding, fields);
    const near = nearest(field, fields) ?? placeWithin(binding, field, shapes);
    return near === undefined ? `${noSuchField(binding, field)}; it has: ${listed(fields)}.` : `${noSuchField(binding, field)}: did you mean \`${near}\`?`;
  }
  return undefined;
};

/**
 * A field that is read of what a binding gave; `isList` where of a list and not of its rows.
 * @typedef {{field: string, binding: string, isList: boolean, isCompared?: boolean, isOrdered?: boolean}} Read
 */

/** @param {string[]} bindings @param {string} script @returns {Generator<Read>} */
function* readsOf(bindings, script) {
  const known = (/** @type {string} */ name) => bindings.filter((one) => bare(one) === name);
  for (const [, list = '', name = ''] of script.matchAll(UNPACKED)) {
    for (const binding of known(name)) {
      for (const part of list.split(',')) yield { field: part.split(':')[0]?.trim() ?? '', binding, isList: binding.endsWith('[]') };
    }
  }
  /** @type {Map<string, {binding: string, isList: boolean}[]>} */
  const roots = new Map();
  for (const found of [...script.matchAll(READ_AT_ONCE), ...script.matchAll(READ)]) {
    const [all, root = '', index, field = ''] = found;
    const after = script.slice(found.index + all.length, found.index + all.length + MAX_NAME);
    const isCompared = COMPARED.test(after);
    const isOrdered = ORDERED.test(after);
    if (!isCompared && (ASKED_AFTER.test(after) || ASKED_BEFORE.test(script.slice(Math.max(0, found.index - 20), found.index)))) continue;
    const isCall = all.startsWith('(');
    const givers = isCall ? known(root).map((binding) => ({ binding, isList: binding.endsWith('[]') })) : roots.get(root) ?? giversOf(root, bindings, script);
    for (const { binding, isList } of givers) yield { field, binding, isList: isList && index === undefined, isCompared, isOrdered };
    if (!isCall && roots.set(root, givers).size > MAX_ROOTS) return;
  }
}

/** What may have given this, if it is no other's. @param {string} root @param {string[]} bindings @param {string} script */
const giversOf = (root, bindings, script) => {
  if (timesGiven(root, script) !== 1) return [];
  return bindings.filter((one) => (one.includes('.') ? isRowWithin(root, one, bindings, script) : isGiven(root, one, script)))
    .map((binding) => ({ binding, isList: binding.endsWith('[]') && isAwaited(escaped(root), binding, script) }));
};

/** Whether it is a row of a list within what a binding gave, known by the name of the list. @param {string} root @param {string} binding @param {string[]} bindings @param {string} script */
const isRowWithin = (root, binding, bindings, script) => {
  const end = binding.slice(binding.indexOf('.'));
  if (bindings.filter((one) => one.endsWith(end)).length > 1) return false;
  const list = `(?<![\\w$])${escaped(end.slice(1, -2))}(?![\\w$])`;
  const one = `(?<![\\w$.])${escaped(root)}(?![\\w$])`;
  if (new RegExp(`${list}\\s*=(?![=>])(?![^;\\n]{0,${MAX_NAME}}\\.${list})`).test(script)) return false; // the script's own
  return new RegExp(`${one}\\s+of\\s+[^;{}\\n]{0,${MAX_NAME}}?${list}\\s*\\)|${handedTo(list, one)}`).test(script);
};

module.exports = { ofValue };
