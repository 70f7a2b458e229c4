// attack: answers to every symbol and name that Node's own code looks for in objects it is handed
// expect: ok
// uses: probe
const got = [];
const spy = (name) => function (...args) { got.push(name, this, ...args); for (const arg of args) contained(arg); return 'x'; };
const names = ['nodejs.util.inspect.custom', 'nodejs.util.promisify.custom', 'nodejs.util.promisify.customArgs', 'nodejs.rejection', 'nodejs.dispose', 'nodejs.asyncDispose', 'nodejs.event_target', 'nodejs.stream.destroyed', 'nodejs.webstream.isClosedPromise', 'nodejs.worker_threads.markAsUncloneable', 'node:vm:context_default'];
const odd = new Error('x');
for (const name of names) { Object.prototype[Symbol.for(name)] = spy(name); odd[Symbol.for(name)] = spy(name); }
for (const name of ['inspect', 'toString', 'code', 'domain', 'emit', 'on', 'unref', 'ref', 'hasRef', 'kIsNodeError']) odd[name] = spy(name);
Promise.reject(odd).catch(() => {});
console.log(odd, { odd }, [odd]);
setTimeout(spy('timer'), 1, odd);
await echo(1);
await new Promise((done) => setTimeout(done, 5));
for (const name of names) delete Object.prototype[Symbol.for(name)];
for (const it of got) contained(it);
'contained';
