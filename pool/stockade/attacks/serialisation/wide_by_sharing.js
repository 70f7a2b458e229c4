// attack: returns a small object in which every level holds the next one twice
// expect: result_limit
// layer: worker
// limits: timeout_seconds=60
let node = ['x'];
for (let i = 0; i < 60; i += 1) node = [node, node];
node;
