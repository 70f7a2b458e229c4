// attack: spreads an iterator that never ends
// expect: timeout, memory_limit
// layer: clock
// limits: timeout_seconds=0.4
[...{ [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }) }) }];
