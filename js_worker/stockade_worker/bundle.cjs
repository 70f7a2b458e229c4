// All modules of the worker as one text: one compilation, and no search for files. Made by the process that compiles for others.

'use strict';

const { readFileSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');

/**
 * A function that gives the `require` of the modules in it. Called with the folder they are from, and with modules that
 * are loaded already, by name.
 * @param {string} folder @param {string} entry
 */
const bundle = (folder, entry) => {
  /** @type {Map<string, string>} */
  const modules = new Map();
  const add = (/** @type {string} */ path) => {
    const name = basename(path);
    if (modules.has(name)) return;
    const text = readFileSync(join(folder, path), 'utf8');
    modules.set(name, `${JSON.stringify(name)}(module) {\nconst __dirname = join(${JSON.stringify(dirname(path))});\n${text}\n},`);
    for (const [, needed = ''] of text.matchAll(/require\('(\.[^']+)'\)/g)) add(join(dirname(path), needed));
  };
  add(entry);
  return `(function (folder, loaded) {
'use strict';
const join = (below) => folder + '/' + below;
const require = (name) => {
  if (name[0] !== '.') return process.getBuiltinModule(name);
  const base = name.slice(name.lastIndexOf('/') + 1);
  if (loaded[base] === undefined) {
    const module = { exports: {} };
    modules[base](module);
    loaded[base] = module.exports;
  }
  return loaded[base];
};
const modules = {
${[...modules.values()].join('\n')}
};
return require;
})`;
};

module.exports = { bundle };
