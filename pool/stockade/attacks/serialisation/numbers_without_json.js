// attack: returns numbers that JSON does not have
// expect: ok
// value: [null, null, null, 0, 1.7976931348623157e308, 5e-324]
[NaN, Infinity, -Infinity, -0, Number.MAX_VALUE, Number.MIN_VALUE];
