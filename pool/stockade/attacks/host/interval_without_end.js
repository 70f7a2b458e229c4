// attack: lets the shortest interval run for ever
// expect: call_limit
// layer: worker
// limits: timeout_seconds=60 max_calls=100
setInterval(() => {}, 0);
new Promise(() => {});
