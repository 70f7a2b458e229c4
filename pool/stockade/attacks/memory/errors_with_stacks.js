// attack: keeps errors with the longest stacks there are
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
Error.stackTraceLimit = 200;
const kept = [];
const deep = (n) => (n === 0 ? new Error('x') : deep(n - 1));
for (;;) { const error = deep(250); void error.stack; kept.push(error); }
