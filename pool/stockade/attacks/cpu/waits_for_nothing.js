// attack: waits for what can never come
// expect: deadlock
// layer: worker
// limits: timeout_seconds=0.4
new Promise(() => {});
