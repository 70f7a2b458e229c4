// attack: spreads an iterator that never ends
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
[...{ [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }) }) }];
