// attack: writes a stack of its own that points where no line is
// expect: exception
const error = new Error('x');
error.stack = `Error: x\n    at f (script.js:${'9'.repeat(400)}:-1)\n    at script.js:1e9:NaN`;
throw error;
