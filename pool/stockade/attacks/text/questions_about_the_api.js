// attack: questions to searchApi and describeApi that are as long as arguments may be
// expect: ok
// layer: supervisor
// limits: timeout_seconds=20
const long = 'e '.repeat(2e5);
await Promise.all(Array.from({ length: 20 }, async () => { await searchApi(long); await describeApi(long).catch(() => 0); }));
'contained';
