// attack: rejects promises from the callbacks of rejected promises
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
const step = () => { Promise.reject(1); return Promise.reject(2).catch(step); };
step();
