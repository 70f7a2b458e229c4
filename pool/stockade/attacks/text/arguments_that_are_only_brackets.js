// attack: arguments that are small as text and large as Python objects
// expect: ok
// layer: supervisor
// limits: memory_limit_mb=256 timeout_seconds=20
for (let i = 0; i < 5; i += 1) await echo(Array.from({ length: 1e5 }, () => []));
'contained';
