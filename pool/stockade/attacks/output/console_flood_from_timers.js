// attack: floods the console a little at a time
// expect: output_limit
// layer: worker
// limits: timeout_seconds=60
setInterval(() => console.log('x'.repeat(50000)), 1);
new Promise(() => {});
