// attack: sets timers and clears them at once, in the hope that they are not counted
// expect: call_limit
// layer: worker
for (;;) clearTimeout(setTimeout(() => {}, 2 ** 31 - 1));
