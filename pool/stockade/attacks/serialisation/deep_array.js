// attack: returns an array nested so deep that a decoder runs out of stack
// expect: unserializable
// layer: worker
let deep = [];
for (let i = 0; i < 100000; i += 1) deep = [deep];
deep;
