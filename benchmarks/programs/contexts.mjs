// What V8 asks for a fresh context: `contexts.mjs N` prints the median ms of createContext + `1 + 1`;
// `contexts.mjs N realm.cjs` that of stockade's own context, prelude included.
import { argv } from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';
import { createContext, runInContext } from 'node:vm';

const count = Number(argv[2]);
const realm = argv[3] === undefined ? null : await import(argv[3]);
const once = realm === null ? () => runInContext('1 + 1', createContext({})) : () => realm.createRealm(() => {});

const WARM_UP = 20;
const took = [];
for (let i = -WARM_UP; i < count; i += 1) {
  const before = performance.now();
  once();
  if (i >= 0) took.push(performance.now() - before);
  await turn(); // dead contexts are collected between turns
}
console.log(took.sort((a, b) => a - b)[took.length >> 1]);
