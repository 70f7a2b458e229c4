// attack: passes a binding what no decoder can hold, then goes on as if nothing was
// expect: ok
let deep = {};
for (let i = 0; i < 5000; i += 1) deep = { deep };
(async () => { try { await echo(deep); return 'ESCAPED: it crossed'; } catch (error) { return error instanceof TypeError ? 'contained' : String(error); } })();
