// attack: ends by a value, an exception and a rejection at the same time
// expect: exception
Promise.reject(new Error('late'));
Promise.resolve().then(() => { throw new Error('later'); });
setTimeout(() => { throw new Error('latest'); }, 0);
'contained';
