// attack: lets the shortest interval run for ever
// expect: call_limit, timeout
// layer: worker
// limits: timeout_seconds=0.5
setInterval(() => {}, 0);
new Promise(() => {});
