// attack: sleeps longer than it may live
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 1));
