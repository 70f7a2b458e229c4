// attack: asks for every frame there is, down to those of the worker
// expect: ok
Error.stackTraceLimit = Infinity;
const here = new Error('x').stack;
const later = new Promise((resolve) => setTimeout(() => resolve(new Error('y').stack), 1));
later.then((text) => (/file:|node:|\.mjs|stockade/.test(here + text) ? `ESCAPED: ${here} ${text}` : 'contained'));
