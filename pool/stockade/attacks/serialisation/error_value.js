// attack: returns errors whose fields are not texts
// expect: ok
// value: [{"name": "Error", "message": ""}]
[Object.defineProperties(new Error('x'), { name: { value: { toString: () => 'ESCAPED' } }, message: { get() { throw 1; } } })];
