// A result without a sandbox: evaluates the script in argv[3] argv[2] times, each in a fresh context of bare Node, and
// prints the median ms of evaluation and JSON.stringify, then the JSON text.
import { argv } from 'node:process';
import { createContext, runInContext } from 'node:vm';

const took = [];
let text = '';
for (let i = 0; i < Number(argv[2]); i += 1) {
  const context = createContext({});
  runInContext('1', context);
  const before = performance.now();
  text = runInContext(`JSON.stringify(${argv[3]})`, context);
  took.push(performance.now() - before);
}
console.log(took.sort((a, b) => a - b)[took.length >> 1]);
console.log(text);
