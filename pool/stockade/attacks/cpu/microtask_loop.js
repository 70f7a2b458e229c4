// attack: queues a microtask from every microtask
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
const step = () => { Promise.resolve().then(step); };
step();
