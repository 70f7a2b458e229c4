// attack: leaves rejections that Node reports after the run
// expect: exception
for (let i = 0; i < 100; i += 1) Promise.reject(new Error(`ESCAPED? rejection ${i} of the run before`.replace('ESCAPED? ', '')));
Promise.resolve().then(() => Promise.reject(new Error('of the run before')));
'contained';
// then: "contained"
new Promise((resolve) => setTimeout(() => resolve('contained'), 20));
