// attack: leaves settings on Error that change the stacks of the next run
// expect: ok
Error.stackTraceLimit = 0;
try { Error.prepareStackTrace = () => 'forged'; } catch { /* refused */ }
Error.prototype.name = 'forged';
'contained';
// then: "contained"
const text = new Error('x').stack;
text.startsWith('Error: x') && text.includes('script.js:') ? 'contained' : `ESCAPED: ${text}`;
