// attack: closes the bracket that is put around the last expression
// expect: syntax
// layer: worker
await 1; 2) ; console.log('ESCAPED: outside') ; (3
