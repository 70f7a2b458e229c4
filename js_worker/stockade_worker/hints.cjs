// One sentence of advice for an error, and only where it is sure to be good advice.

'use strict';

const { withoutFence } = require('./source/fence.cjs');

/**
 * @typedef {{script: string, bindings: string[]}} Asked
 * @typedef {{kind: string, name: string, message: string, line?: number, hint?: string, shapes?: Record<string, string[]>}} Fault
 */

// Longer messages are data of the script's, not V8's words.
const MAX_MESSAGE = 400;
const MAX_LISTED = 12;
// So much of a script is looked at for the name before a field, or the head before an arrow.
const MAX_NAME = 200;

const FENCE = /^[ \t]*```/m;
// Two passes: in one, each quote of a text that has no end is the beginning of another search to the end.
const ESCAPES = /\\[^n]/g;
const TEXT = /"[^"]*"|'[^']*'|`[^`]*`/g;
const AWAITS = /=>[ \t]*await\b/g;
// A label, where the fields of an object were meant: then the brackets around it are those of a block.
const BLOCK_OF_FIELDS = /=>\s*\{\s*(?:[\w$]+|"[^"\n]*"|'[^'\n]*')\s*:(?!\s*(?:for|while|do|switch)\b)/;
// A line that can be nothing but a statement, or its beginning.
const STATEMENT = /^(?!(?:if|for|while|with|switch|catch)\b)(?:(?:const|let|var|await)\s|[\w$.]+\s*(?:\(|[-+]?=[^=>]))/;
const ASYNC_HEAD = /\basync\s*(?:\([^()]*\)|[\w$]+)\s*$/;

/** What scripts written for other places reach for, and what there is instead. */
const ELSEWHERE = new Map([
  ...['fetch', 'XMLHttpRequest', 'WebSocket', 'axios', 'EventSource'].map((name) => /** @type {[string, string]} */ ([name, 'a script has no network'])),
  ...['require', 'fs', 'path', 'os', 'http', 'https', 'child_process', '__dirname', '__filename', 'Deno', 'Bun', '_', '$'].map((name) => /** @type {[string, string]} */ ([name, 'a script has no modules and no files'])),
  ['process', 'a script has no process: no environment, no arguments, no exit; use `return` to end early'],
  ['Buffer', 'use Uint8Array, TextEncoder, TextDecoder, atob and btoa'],
  ['print', 'use console.log'],
  ['sleep', 'write `await new Promise((done) => setTimeout(done, milliseconds))`'],
  ...['alert', 'prompt', 'confirm'].map((name) => /** @type {[string, string]} */ ([name, 'there is nobody to ask; use console.log'])),
  ...['document', 'window', 'localStorage', 'sessionStorage', 'navigator', 'location'].map((name) => /** @type {[string, string]} */ ([name, 'a script runs in no browser; globalThis holds its globals'])),
  ...['global', 'self'].map((name) => /** @type {[string, string]} */ ([name, 'use globalThis'])),
  ...['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'Worker'].map((name) => /** @type {[string, string]} */ ([name, 'it would be a way around the limits of a run'])),
]);

const GLOBALS = `Object Array Number String Boolean Symbol Date Promise RegExp Error Map Set JSON Math Intl Reflect Proxy BigInt console
  setTimeout setInterval clearTimeout clearInterval queueMicrotask structuredClone TextEncoder TextDecoder URL URLSearchParams
  crypto performance AbortController parseInt parseFloat isNaN undefined globalThis`.split(/\s+/);

const LISTS_HAVE = 'map|filter|forEach|reduce|find|some|every|flatMap|slice|sort|join|push|includes|entries|keys|length';
const TEXTS_HAVE = 'split|trim|replace|replaceAll|match|startsWith|endsWith|toUpperCase|toLowerCase|substring';
const OF_TEXT = new RegExp(`\\.(?:${TEXTS_HAVE})\\b`);

/** @param {Fault} fault @param {Asked} asked @returns {string | undefined} */
const hintFor = (fault, asked) => {
  if (fault.message.length > MAX_MESSAGE) return undefined;
  if (fault.kind === 'syntax') return ofSyntax(fault.message, asked.script);
  const continued = fault.name === 'TypeError' ? wentOn(asked, fault) : undefined;
  if (continued !== undefined) return continued;
  for (const [pattern, advise] of ADVICE) {
    const found = pattern.exec(fault.message);
    if (found !== null) return advise(found[1] ?? '', asked, fault);
  }
  return undefined;
};

/** @type {[RegExp, (found: string, asked: Asked, fault: Fault) => string | undefined][]} */
const ADVICE = [
  [/^([\p{ID_Continue}$]+) is not defined$/u, (name, asked) => missing(name, asked)],
  [new RegExp(`^([\\w$]+)\\.(?:${LISTS_HAVE}|${TEXTS_HAVE})\\b.* is not a function$`), (name, asked, fault) => forgotAwait(name, asked) ?? noList(name, asked, fault)],
  [/^([\w$]+)\(\.\.\.\)\.[\w$]+ is not a function$/, (name, asked) => unawaitedCall(name, asked)],
  [/^object is not iterable \(cannot read property Symbol\(Symbol\.iterator\)\)$/, (_, asked) => noneToWaitFor(asked)],
  [/([\w$]+)(?:\(\))? takes .* (?:but \d+ were given|and was given \d+ arguments)$/, (name, asked) => handedOver(name, asked)],
  [/^\(intermediate value\) is not iterable$/, (_, asked, fault) => noList('', asked, fault)],
  [/^([\w$]+) is not iterable/, (name, asked, fault) => forgotAwait(name, asked) ?? noList(name, asked, fault)],
  [/^([\w$]+)(?:\(\.\.\.\))? is not a function or its return value is not (?:async )?iterable$/, (name, asked) => unawaitedCall(name, asked)],
  [/^Cannot read properties of undefined \(reading '([^']*)'\)$/, (name, asked, fault) => noField(name, asked, fault)],
  [/^"\[object Object\]" is not valid JSON$/, () => 'JSON.parse was given an object, which needs no parsing.'],
  [/^Code generation from strings disallowed/, () => 'eval and Function are not available: write the code itself.'],
  [/^Assignment to constant variable/, () => 'Declare the variable with `let` instead of `const`.'],
];

/** @param {string} message @param {string} script */
const ofSyntax = (message, script) => {
  if (FENCE.test(withoutFence(script).text)) return 'Send the code alone, without a Markdown fence in it and words around it.';
  const code = script.replaceAll(ESCAPES, '').replaceAll(TEXT, '');
  if (message.startsWith('await is only valid in async functions') || awaitsInPlainArrow(code)) return 'Write `async` before the function that awaits.';
  if (message === "Unexpected token ':'" && BLOCK_OF_FIELDS.test(script)) return 'An arrow that gives an object has brackets around it: `=> ({ … })`.';
  if (!script.includes('\n') && /[;{}]\s*\\n/.test(code)) return 'It has a backslash and an n where a line is to end: it was escaped twice.';
  return undefined;
};

/** `x => await f(x)`, of which V8 says that a bracket is missing. @param {string} script */
const awaitsInPlainArrow = (script) => {
  for (const { index } of script.matchAll(AWAITS)) {
    if (!ASYNC_HEAD.test(script.slice(Math.max(0, index - MAX_NAME), index))) return true;
  }
  return false;
};

/** @param {string} name @param {Asked} asked */
const missing = (name, asked) => {
  const why = ELSEWHERE.get(name);
  if (why !== undefined) {
    const network = asked.bindings.length > 0 && /network|files/.test(why) ? ` Call one of: ${listed(asked.bindings)}.` : '';
    return `\`${name}\` is not available here: ${why}.${network}`;
  }
  const known = [...asked.bindings, ...declaredIn(asked.script), ...GLOBALS].filter((one) => one !== name);
  const near = nearest(name, known);
  if (near !== undefined) return `Did you mean \`${near}\`?`;
  const method = new RegExp(`(?<![\\w$.])${escaped(name)}\\.([\\w$]+)\\s*\\(`).exec(asked.script)?.[1];
  const meant = method === undefined ? undefined : nearest(method, asked.bindings);
  if (meant !== undefined) return `What a script may call stands alone: write \`${meant}(…)\`, without \`${name}.\`.`;
  return isCalled(name, asked.script) && asked.bindings.length > 0 ? `There is no function \`${name}\`. Call one of: ${listed(asked.bindings)}.` : undefined;
};

/** A line that was to be a statement of its own, and is called or indexed by the one before it. @param {Asked} asked @param {Fault} fault */
const wentOn = ({ script }, { line = 0 }) => {
  const lines = script.split('\n', line);
  if (lines.length < line || !/^\s*[[(`]/.test(lines.pop() ?? '')) return undefined;
  const before = lines.findLast((text) => text.trim() !== '')?.trim() ?? '';
  if (before.includes('//') || before.includes('*/') || lines.join('').split('`').length % 2 === 0) return undefined; // in a text, perhaps
  const isWhole = before.split('(').length === before.split(')').length;
  return isWhole && STATEMENT.test(before) && /[\w$)\]"'`]$/.test(before) ? `Line ${line} goes on with what stands before it: end that with \`;\`.` : undefined;
};

/** `Promise.all(f())` of what gives one promise. @param {Asked} asked */
const noneToWaitFor = (asked) => {
  const [, method, name = ''] = /\bPromise\.(all|allSettled|any|race)\(\s*([\w$]+)\(/.exec(asked.script) ?? [];
  return isAsync(name, asked) ? `\`Promise.${method}\` takes a list, and \`${name}(…)\` gives one Promise: write \`await ${name}(…)\`.` : undefined;
};

/** `list.map(f)`, which calls it with the index and the list as well. @param {string} name @param {Asked} asked */
const handedOver = (name, { script }) => {
  const method = new RegExp(`\\.(map|forEach|flatMap|filter|find|some|every)\\(\\s*${escaped(name)}\\s*\\)`).exec(script)?.[1];
  return method === undefined ? undefined : `\`${method}\` gives it the index and the list as well: write \`.${method}((one) => ${name}(one))\`.`;
};

/** A variable that holds what a binding or an async function gave, which is a promise. @param {string} name @param {Asked} asked */
const forgotAwait = (name, asked) => {
  const found = new RegExp(`\\b(?:const|let|var)\\s+${escaped(name)}\\s*=\\s*([\\w$]+)\\s*\\(`).exec(asked.script);
  return found !== null && isAsync(found[1] ?? '', asked) ? `\`${name}\` is a Promise: did you forget \`await\` before \`${found[1]}(…)\`?` : undefined;
};

/** An object of a binding's, taken for a list or a text. @param {string} name '' if `[a, b]` took it @param {Asked} asked @param {Fault} fault */
const noList = (name, asked, { message, shapes = {} }) => {
  if (message.startsWith(`${name}.length `)) return undefined; // which lists have, as a number
  const target = name === '' ? '\\[[^\\[\\]=]*\\]' : escaped(name);
  const known = Object.entries(shapes).find(([one]) => isAwaited(target, one, asked.script));
  if (known === undefined || known[0].endsWith('[]')) return undefined;
  const meant = OF_TEXT.test(message) ? 'text' : 'a list';
  return `\`${known[0]}\` gives an object, not ${meant}; it has: ${listed(known[1])}.`;
};

/** @param {string} name @param {Asked} asked */
const unawaitedCall = (name, asked) => (isAsync(name, asked) ? `\`${name}(…)\` gives a Promise: write \`(await ${name}(…))\`.` : undefined);

/** @param {string} name @param {Asked} asked */
const isAsync = (name, { script, bindings }) =>
  bindings.includes(name) || new RegExp(`\\basync\\s+function\\s+${escaped(name)}\\b|\\b${escaped(name)}\\s*=\\s*async\\b`).test(script);

/** A field that what a binding gave does not have, and something was read from. @param {string} read @param {Asked} asked @param {Fault} fault */
const noField = (read, asked, { shapes = {} }) => {
  const { script } = asked;
  const before = new RegExp(`\\.([\\w$]+)(?:\\[[^\\]]{0,40}\\])?\\.${escaped(read)}\\b`).exec(script);
  const field = before?.[1];
  if (field === undefined) return notUnpacked(read, asked, shapes);
  const holder = script.slice(0, before?.index).slice(-MAX_NAME);
  if (field === 'subtle' && holder.endsWith('crypto')) return '`crypto.subtle` is not available here.';
  const called = /([\w$]+)\([^()]*\)$/.exec(holder)?.[1];
  if (called !== undefined) return unawaitedCall(called, asked);
  const [, dot, root, index] = /(\.?)([\w$]+)(\[[^\]]{0,40}\])?\??$/.exec(holder) ?? [];
  if (root !== undefined && (dot !== '' || isMadeHere(root, script))) return undefined; // something within, or the script's own
  const promise = root === undefined ? undefined : forgotAwait(root, asked);
  if (promise !== undefined) return promise;
  const known = Object.entries(shapes).filter(([one]) => !one.includes('.'));
  if (known.some(([, fields]) => fields.includes(field))) return undefined;
  const [binding, fields] = known.find(([one]) => (root === undefined ? known.length === 1 : isGiven(root, one, script))) ?? ['', []];
  if (binding.endsWith('[]') && root !== undefined && index === undefined && isAwaited(escaped(root), binding, script)) return aList(binding, fields);
  const place = binding === '' ? undefined : placeWithin(binding, field, shapes);
  if (place !== undefined) return `${noSuchField(binding, field)}: did you mean \`${place}\`?`;
  for (const [one, names] of known) {
    const near = nearest(field, names);
    if (near !== undefined) return `${noSuchField(one, field)}: did you mean \`${near}\`?`;
  }
  return binding === '' ? undefined : `${noSuchField(binding, field)}; it has: ${listed(fields)}.`;
};

/** `const { field } = binding(…)`. @param {string} read @param {Asked} asked @param {Record<string, string[]>} shapes */
const notUnpacked = (read, asked, shapes) => {
  const name = new RegExp(`(?<![\\w$.])([\\w$]+)(?:\\[[^\\]]{0,40}\\])?\\.${escaped(read)}\\b`).exec(asked.script)?.[1];
  if (name === undefined) return undefined;
  const one = `(?:([\\w$]+)\\s*:\\s*)?${escaped(name)}`;
  const pattern = `\\b(?:const|let|var)\\s*\\{(?:[^{}=]{0,${MAX_NAME}},)?\\s*${one}\\s*(?:,[^{}=]{0,${MAX_NAME}})?\\}\\s*=\\s*(await\\s+)?([\\w$]+)\\s*\\(`;
  const [, field = name, awaited, called = ''] = new RegExp(pattern).exec(asked.script) ?? [];
  if (awaited === undefined) return isAsync(called, asked) ? `\`${called}(…)\` gives a Promise: did you forget \`await\` before it?` : undefined;
  const [binding, fields] = Object.entries(shapes).find(([one]) => one === called || one === `${called}[]`) ?? ['', [field]];
  if (binding.endsWith('[]')) return aList(binding, fields);
  return fields.includes(field) ? undefined : `${noSuchField(binding, field)}; it has: ${listed(fields)}.`;
};

// A binding stands in `shapes` with `[]` where the fields are those of the rows of its list, and with `.field` where they are
// of what that field holds.

/** @param {string} binding @param {string} field */
const noSuchField = (binding, field) => {
  const [name = '', within] = bare(binding).split('.');
  return `What \`${name}\` gives has no field \`${field}\`${within === undefined ? '' : ` in its \`${within}\``}`;
};

/** @param {string} binding @param {string[]} fields */
const aList = (binding, fields) => `\`${bare(binding)}\` gives a list, whose rows have: ${listed(fields)}.`;

/** @param {string} binding */
const bare = (binding) => binding.replaceAll('[]', '');

/** @param {string} name @param {string} script */
const isMadeHere = (name, script) => new RegExp(`\\b(?:const|let|var)\\s+${escaped(name)}\\s*=\\s*(?:[{['"\`\\d]|new\\b)`).test(script);

/** Whether it holds what a binding gave, or a row of that, and not something within. @param {string} name @param {string} binding @param {string} script */
const isGiven = (name, binding, script) => {
  if (isAwaited(`(?:\\[\\s*)?${escaped(name)}(?:\\s*\\])?`, binding, script)) return true;
  const one = `(?<![\\w$.])${escaped(name)}\\b`;
  const row = new RegExp(`${one}\\s+of\\s+([\\w$]+)(?![\\w$.[(])|${handedTo('(?<![\\w$.])([\\w$]+)', one)}`).exec(script);
  const list = row?.[1] ?? row?.[2];
  return list !== undefined && binding.endsWith('[]') && timesGiven(list, script) === 1 && isAwaited(escaped(list), binding, script);
};

/** Where a row of a list is the parameter of an arrow. @param {string} list a pattern @param {string} one a pattern */
const handedTo = (list, one) =>
  `${list}\\.(?:(?:reduce|sort|toSorted)\\(\\s*\\(\\s*[\\w$]+\\s*,\\s*|(?!reduce)[a-zA-Z]+\\(\\s*(?:async\\b\\s*)?(?:\\(\\s*)?)${one}`;

/** @param {string} target a pattern @param {string} binding @param {string} script */
const isAwaited = (target, binding, script) =>
  new RegExp(`\\b(?:const|let|var)\\s+${target}\\s*=\\s*await\\s+${escaped(bare(binding))}\\s*\\(`).test(script);

/** @param {string[]} names */
const listed = (names) => `${names.slice(0, MAX_LISTED).join(', ')}${names.length > MAX_LISTED ? ', …' : ''}`;

/** @param {string} script */
const declaredIn = (script) => [...script.matchAll(/\b(?:const|let|var|function|class)\s+([\w$]+)/g)].map((found) => found[1] ?? '');

/** @param {string} name @param {string} script */
const isCalled = (name, script) => new RegExp(`(?<![\\w$])${escaped(name)}\\s*\\(`).test(script);

/** @param {string} name */
const escaped = (name) => name.replace(/[^\w]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The one name that a slip of the finger turns into this one. @param {string} name @param {string[]} known */
const nearest = (name, known) => {
  const allowed = name.length < 3 ? 0 : name.length < 6 ? 1 : 2;
  let best = allowed + 1;
  /** @type {Set<string>} */
  let found = new Set();
  for (const one of new Set(known)) {
    const away = one.toLowerCase() === name.toLowerCase() ? 0 : distance(name, one, allowed);
    if (away < best) [best, found] = [away, new Set([one])];
    else if (away === best && away <= allowed) found.add(one);
  }
  return found.size === 1 ? [...found][0] : undefined;
};

/** Letters to change, add, drop or swap; more than `limit` counts as `limit + 1`. @param {string} a @param {string} b @param {number} limit */
const distance = (a, b, limit) => {
  if (Math.abs(a.length - b.length) > limit || a.length > 60) return limit + 1;
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const above = /** @type {number[]} */ (rows[i - 1]);
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(at(above, j) + 1, at(row, j - 1) + 1, at(above, j - 1) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, at(/** @type {number[]} */ (rows[i - 2]), j - 2) + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return at(/** @type {number[]} */ (rows[a.length]), b.length);
};

/** @param {number[]} row @param {number} index */
const at = (row, index) => row[index] ?? 0;

/** Where an object that is a field of it has what it has not. @param {string} binding @param {string} field @param {Record<string, string[]>} shapes */
const placeWithin = (binding, field, shapes) => {
  for (const [one, fields] of Object.entries(shapes)) {
    if (!one.startsWith(`${binding}.`) || one.endsWith('[]')) continue;
    const found = fields.find((name) => name.toLowerCase() === field.toLowerCase());
    if (found !== undefined) return `${one.slice(binding.length + 1)}.${found}`;
  }
  return undefined;
};

/** How often a name is given something: by a declaration, as a parameter, by a loop. @param {string} name @param {string} script */
const timesGiven = (name, script) => {
  const one = `(?<![\\w$.])${escaped(name)}(?![\\w$])`;
  const names = `[^()=]{0,${MAX_NAME}}`;
  const inside = '[^(){};=]{0,100}';
  const given = [
    `${one}\\s*=(?![=>])|\\b(?:const|let|var)\\s+(?:\\[\\s*)?${one}(?!\\s*=)`,
    `${one}\\s*(?:,${names})?(?:\\)(?:\\s*:[^=;{}]{0,60})?)?\\s*=>|${one}\\s*\\??:`, // the second has a type, or is the name of a field
    `[{[]${inside}${one}${inside}[}\\]]\\s*(?:=(?!=)|\\)(?:\\s*:[^=;{}]{0,60})?\\s*=>|of\\b)`,
    `(?<!\\b(?:if|for|while|switch)\\s?)\\((?:${names},)?\\s*${one}\\s*(?:,${names})?\\)\\s*\\{`,
  ].join('|');
  return [...script.matchAll(new RegExp(given, 'g'))].length;
};

module.exports = { aList, bare, escaped, handedTo, hintFor, isAwaited, isGiven, listed, nearest, noSuchField, placeWithin, timesGiven, MAX_NAME };
