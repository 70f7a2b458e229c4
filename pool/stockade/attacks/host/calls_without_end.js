// attack: calls a binding for ever, one call after the other
// expect: call_limit
// layer: worker
// limits: timeout_seconds=60 max_calls=200
(async () => { for (;;) await echo(1); })();
