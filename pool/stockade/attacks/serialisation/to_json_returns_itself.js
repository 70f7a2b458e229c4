// attack: answers toJSON with itself, and with a thing that holds it
// expect: unserializable
// layer: worker
const a = { toJSON: () => a, b: { toJSON: () => ({ a }) } };
a;
