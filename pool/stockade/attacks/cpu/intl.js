// attack: makes formatters of Intl, each of which is slow and large
// expect: timeout, memory_limit
// layer: clock
// limits: timeout_seconds=0.4
for (const kept = []; ;) kept.push(new Intl.DateTimeFormat('ar', { dateStyle: 'full' }).format(0));
