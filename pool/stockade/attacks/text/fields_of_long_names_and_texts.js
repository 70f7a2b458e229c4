// attack: fields whose names and texts are long
// expect: exception
// layer: worker
const error = new Error('x');
for (let i = 0; i < 20; i += 1) error['k'.repeat(1e5) + i] = '\u2028'.repeat(1e5);
throw error;
