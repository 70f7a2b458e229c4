// attack: throws an error that is its own cause, by way of another
// expect: exception
// layer: worker
const a = new Error('a');
a.cause = new Error('b', { cause: a });
throw a;
