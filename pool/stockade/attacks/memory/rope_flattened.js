// attack: builds a text that takes no memory and then makes the engine write it out
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
let rope = 'xy';
for (let i = 0; i < 27; i += 1) rope += rope;
const kept = [];
for (;;) kept.push((rope + kept.length).charCodeAt(5), `${rope}${kept.length}`.split('y'));
