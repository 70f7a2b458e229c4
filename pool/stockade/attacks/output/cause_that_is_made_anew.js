// attack: throws an error whose cause is a getter that makes the next one
// expect: exception
// layer: worker
const make = () => Object.defineProperty(new Error('x'.repeat(10000)), 'cause', { get: make });
throw make();
