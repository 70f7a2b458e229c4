// attack: grows the object that is being written, from one of its getters
// expect: ok
// value: anything
const growing = { get a() { for (let i = 0; i < 1000; i += 1) growing[`k${i}`] = i; return 1; } };
growing;
