// attack: throws an AggregateError that holds itself and a thenable
// expect: exception
const error = new AggregateError([new Error('a'), { then() { console.log('ESCAPED: it was awaited'); } }], 'all');
error.errors.push(error);
error.cause = error;
throw error;
