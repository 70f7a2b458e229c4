// attack: gives the URL parser a path that it has to walk up and down
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.5
for (;;) new URL(`http://h/${'a/../'.repeat(20000)}`);
