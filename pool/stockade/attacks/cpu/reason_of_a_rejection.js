// attack: loops when the reason of a rejection that nobody handles is described
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
Promise.reject(Object.defineProperty(new Error('x'), 'name', { get() { for (;;); } }));
new Promise((resolve) => setTimeout(resolve, 5000));
