// attack: passes an object with very many keys, in the hope that they collide in Python
// expect: ok
// layer: worker
// limits: timeout_seconds=20
(async () => { const many = {}; for (let i = 0; i < 50000; i += 1) many[`k${i}`] = i; const back = await echo(many); return Object.keys(back).length === 50000 ? 'contained' : 'wrong'; })();
