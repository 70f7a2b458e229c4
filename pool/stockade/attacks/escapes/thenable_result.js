// attack: returns a thenable, which is handed the functions that end the run
// expect: ok
// uses: probe
({ then(resolve, reject) { const word = [resolve, reject, this].map(contained).join(); resolve(word === 'contained,contained,contained' ? 'contained' : `ESCAPED: ${word}`); resolve('twice'); reject(new Error('ESCAPED: a second ending')); } });
