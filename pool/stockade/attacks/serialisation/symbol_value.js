// attack: returns a Symbol inside a list
// expect: unserializable
// layer: worker
[1, Symbol('x')];
