// attack: returns a promise inside an object
// expect: unserializable
// layer: worker
({ a: Promise.resolve(1) });
