// attack: points at the last column a number can hold, so that the caret fills the memory
// expect: exception
const error = new Error('x');
error.stack = 'Error: x\n    at script.js:1:999999999';
throw error;
