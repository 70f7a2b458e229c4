// Node at its barest: CommonJS, one import, one byte. Nothing that runs JavaScript in Node can start faster.
require('node:fs').writeSync(1, 'x');
