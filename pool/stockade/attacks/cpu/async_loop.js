// attack: awaits nothing, for ever
// expect: timeout, memory_limit
// layer: clock
// limits: timeout_seconds=0.4
(async () => { for (;;) await null; })();
