// attack: throws an error whose fields are of types that Python does not expect
// expect: exception
const error = new Error('x');
for (const key of ['name', 'message', 'stack', 'cause', 'kind', 'line', 'column', 'hint']) Object.defineProperty(error, key, { value: key === 'cause' ? [1n, Symbol('x')] : { toString: () => '1' }, enumerable: true });
throw error;
