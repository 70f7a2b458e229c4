// attack: runs out of stack in a getter, at a depth where the bridge has hardly any left
// expect: unserializable
// layer: worker
const down = () => down();
let deep = { get a() { return down(); } };
for (let i = 0; i < 300; i += 1) deep = { deep };
deep;
