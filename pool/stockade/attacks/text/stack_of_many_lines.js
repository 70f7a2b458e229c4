// attack: a stack of a hundred thousand lines that look like frames
// expect: exception
// layer: worker
const error = new Error('x');
error.stack = `Error: x\n${'    at f (script.js:1:1)\n'.repeat(1e5)}`;
throw error;
