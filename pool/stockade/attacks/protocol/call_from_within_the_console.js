// attack: calls the console and a binding from the traps of what is being logged
// expect: ok
let depth = 0;
const spy = new Proxy({ a: 1 }, { ownKeys(target) { if (depth < 20) { depth += 1; console.log(spy); echo(depth); } return Reflect.ownKeys(target); } });
console.log(spy, spy);
(async () => ((await echo('x')) === 'x' ? 'contained' : 'wrong'))();
