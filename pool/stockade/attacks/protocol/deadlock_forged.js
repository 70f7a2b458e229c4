// attack: confuses the count of cleared timers until a run that waits is taken for one that cannot end, or the reverse
// expect: deadlock
// layer: worker
let turns = 0;
const id = setInterval(() => { turns += 1; clearInterval(id); clearInterval(id); clearTimeout(id); }, 1);
const other = setInterval(() => {}, 1);
clearInterval(other);
new Promise(() => {});
