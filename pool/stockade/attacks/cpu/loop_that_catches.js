// attack: loops in a way that no exception could leave
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
for (;;) { try { throw 1; } catch { continue; } finally { continue; } }
