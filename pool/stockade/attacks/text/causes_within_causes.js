// attack: ten thousand causes, each with a long message
// expect: exception
// layer: worker
let error = new Error('first');
for (let i = 0; i < 1e4; i += 1) error = new Error('\n'.repeat(1000), { cause: error });
throw error;
