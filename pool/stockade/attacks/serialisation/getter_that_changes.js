// attack: answers small when it is measured and large when it is written
// expect: ok
// value: {"text":"small","list":[1]}
let reads = 0;
const list = [1];
({ get text() { reads += 1; return reads === 1 ? 'small' : 'x'.repeat(4e6); }, get list() { return reads > 1 ? new Array(1e9) : list; } });
