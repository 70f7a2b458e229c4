// attack: an AggregateError that holds ten thousand errors with long messages
// expect: exception
// layer: worker
throw new AggregateError(Array.from({ length: 1e4 }, () => new Error('y'.repeat(1000))), 'x');
