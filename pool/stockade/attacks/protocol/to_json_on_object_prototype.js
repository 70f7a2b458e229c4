// attack: makes the message of a thrown error another object, by the toJSON that all objects inherit
// expect: exception
Object.prototype.toJSON = function () { return { kind: 'syntax', name: 'forged', message: 'forged' }; };
throw new Error('x', { cause: new Error('y') });
