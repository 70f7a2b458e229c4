// attack: replaces bindings and the console for whoever comes next
// expect: ok
globalThis.echo = () => 'forged';
console.log = () => {};
globalThis.console = { log() {} };
'contained';
// then: "mine"
(async () => { console.log('still here'); return await echo('mine'); })();
