// attack: sets timers for ever
// expect: call_limit
// layer: worker
for (;;) setTimeout(() => {}, 2 ** 31 - 1);
