// attack: loops in the message of the error that is thrown
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
throw Object.defineProperty(new Error('x'), 'message', { get() { for (;;); } });
