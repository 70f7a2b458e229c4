// attack: throws an error with ten thousand causes
// expect: exception
// layer: worker
let error = new Error('root');
for (let i = 0; i < 10000; i += 1) error = new Error('c'.repeat(100), { cause: error });
throw error;
