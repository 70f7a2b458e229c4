// attack: loops in a trap of what is logged
// expect: ok
// layer: clock
// limits: timeout_seconds=0.4
console.log(new Proxy({}, { ownKeys() { for (;;); } }));
'contained';
