// attack: an error with a hundred thousand fields of its own
// expect: exception
// layer: worker
const error = new Error('x');
for (let i = 0; i < 2e4; i += 1) error[`k${i}`] = 'v';
throw error;
