// attack: makes formatters of Intl, each of which is slow and large
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
for (const kept = []; ;) kept.push(new Intl.DateTimeFormat('ar', { dateStyle: 'full' }).format(0));
