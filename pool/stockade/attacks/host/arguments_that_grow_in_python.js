// attack: passes as many empty lists as a line holds, each of which takes thirty times its text in Python
// expect: memory_limit
// layer: supervisor
// limits: timeout_seconds=60
const tiny = new Array(300000).fill([]);
(async () => { for (let i = 0; i < 20; i += 1) await echo(tiny).catch(() => 0); return 'contained'; })();
