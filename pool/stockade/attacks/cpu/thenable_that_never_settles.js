// attack: resolves to a thenable that resolves to a thenable
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
const endless = { then(resolve) { resolve({ then: endless.then }); } };
endless;
