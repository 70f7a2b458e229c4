// attack: awaits nothing, for ever
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
(async () => { for (;;) await null; })();
