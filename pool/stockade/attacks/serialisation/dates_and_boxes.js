// attack: returns objects whose patched methods lie about what they hold
// expect: ok
// value: [null, 1, "x", true]
Number.prototype.valueOf = () => 'ESCAPED';
String.prototype.valueOf = String.prototype.toString = () => 'ESCAPED';
Boolean.prototype.valueOf = () => 'ESCAPED';
[new Date(NaN), new Number(1), new String('x'), new Boolean(true)];
