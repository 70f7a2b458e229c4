// attack: logs a tree whose every level is wide
// expect: ok
// layer: worker
const wide = (depth) => (depth === 0 ? 'leaf' : new Array(100).fill(0).map(() => wide(depth - 1)));
console.log(wide(3));
'contained';
