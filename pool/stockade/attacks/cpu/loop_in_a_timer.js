// attack: loops in the callback of a timer
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
setTimeout(() => { for (;;); }, 1);
new Promise(() => {});
