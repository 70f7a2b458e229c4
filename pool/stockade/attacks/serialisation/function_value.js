// attack: returns a function with properties
// expect: ok
// value: 1
// layer: worker
Object.assign(() => 1, { toJSON: undefined, a: 1 });
