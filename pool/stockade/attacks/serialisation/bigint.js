// attack: returns whole numbers that Python refuses to read
// expect: ok
// value: ["9007199254740993", "-1"]
[9007199254740993n, -1n];
