// attack: makes the message that names the bad place as long as the value
// expect: unserializable
// layer: worker
let deep = { bad: Symbol('x') };
for (let i = 0; i < 100; i += 1) deep = { ['k'.repeat(5000)]: deep };
deep;
