// attack: closes the function that a script with await is wrapped in, to run outside of it
// expect: syntax
// layer: worker
await 1 }); console.log('ESCAPED: outside'); (async () => { 1
