// attack: returns an object whose toJSON always makes one level more
// expect: unserializable
// layer: worker
const make = () => ({ toJSON: () => ({ next: make() }) });
make();
