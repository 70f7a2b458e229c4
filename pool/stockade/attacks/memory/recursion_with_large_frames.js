// attack: fills the stack with large frames, from native code too
// expect: exception
// layer: realm
// limits: timeout_seconds=5
const deep = (...rest) => [1].map(() => deep(...rest, 1, 2, 3, 4))[0];
deep();
