// attack: rejects promises from the callbacks of rejected promises
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
const step = () => { Promise.reject(1); return Promise.reject(2).catch(step); };
step();
