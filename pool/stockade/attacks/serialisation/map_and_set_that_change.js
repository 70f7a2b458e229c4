// attack: returns collections whose items change them while they are written
// expect: ok
// value: {"map": {"a": 1, "b": 2}, "set": [1]}
const map = new Map([['a', { toJSON() { map.set('c', 3); return 1; } }], ['b', 2]]);
const set = new Set([{ toJSON() { set.add(9); return 1; } }]);
({ map, set });
