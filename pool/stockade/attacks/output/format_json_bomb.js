// attack: has %j write what is small in memory and large as text
// expect: ok
// value: "contained"
// layer: worker
// limits: timeout_seconds=20
let node = ['x'];
for (let i = 0; i < 40; i += 1) node = [node, node];
console.log('%j', node);
'contained';
