// attack: recurses without end in sight, with a shallow stack
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
fib(80);
