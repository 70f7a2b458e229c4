// attack: calls the methods of the console under other names and with another this
// expect: ok
for (const name of Object.keys(console)) { const method = console[name]; method.call({ level: 'fatal' }, 'x'); Object.defineProperty(method, 'name', { value: 'fatal' }); method('x'); }
console.fatal = console.log; console.fatal('x');
'contained';
