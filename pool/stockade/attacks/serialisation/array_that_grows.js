// attack: pushes to the array that is being written, once for each item
// expect: ok
// value: [1]
const list = [];
Object.defineProperty(list, 0, { get() { list.push(1); return 1; }, enumerable: true });
Object.defineProperty(Array.prototype, 'length', { writable: true });
list;
