// attack: hides an import in computed names of every kind
// expect: syntax
// layer: worker
class A { static [import('x')] = 1; static { import('y'); } }
({ async *[import('z')]() {}, get [import('w')]() {} });
