// attack: mixes calls and console lines near the end of the stack, so that a line may be lost half way out
// expect: ok
let count = 0;
const promises = [];
const recurse = () => { try { recurse(); } catch { /* unwinding */ } if (count < 60) { count += 1; try { promises.push(echo(count)); } catch { /* too deep */ } try { console.log('x'); } catch { /* too deep */ } } };
for (let pad = 0; pad < 8; pad += 1) { count = pad * 7; const descend = (left) => (left === 0 ? recurse() : descend(left - 1)); descend(pad); if (promises.length > 50) break; }
Promise.allSettled(promises).then(() => 'contained');
