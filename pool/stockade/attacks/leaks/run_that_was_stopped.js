// attack: leaves the worker in the middle of a loop
// expect: timeout
// limits: timeout_seconds=0.3
globalThis.secret = 1;
while (true) { /* for ever */ }
// then: "contained"
typeof secret === 'undefined' ? 'contained' : 'ESCAPED';
