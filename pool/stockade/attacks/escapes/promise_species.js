// attack: has the promise of a binding make its successors of a class of the script
// expect: ok
// uses: probe
const seen = [];
class Spy extends Promise { constructor(executor) { super((resolve, reject) => { seen.push(resolve, reject, executor); executor(resolve, reject); }); } static get [Symbol.species]() { return Spy; } }
const promise = echo({ a: 1 });
promise.constructor = Spy;
promise.then((value) => { seen.push(value); return seen.map(contained).every((word) => word === 'contained') ? 'contained' : 'ESCAPED'; });
