// attack: throws an object that has the fields of an ending, of types that Python does not expect
// expect: exception
throw { type: 'returned', kind: 'worker_crashed', name: 5, message: ['x'], line: 1e99, column: -1, stack: {}, hint: [], cause: 'x', value: 1 };
