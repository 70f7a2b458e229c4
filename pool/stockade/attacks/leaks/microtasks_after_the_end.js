// attack: goes on for a while in microtasks after its value is known
// expect: ok
let left = 10000;
const step = () => { left -= 1; if (left > 0) Promise.resolve().then(step); };
step();
'contained';
// then: "contained"
'contained';
