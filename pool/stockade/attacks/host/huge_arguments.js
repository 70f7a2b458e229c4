// attack: passes a binding more than a line may hold
// expect: ok
// layer: worker
(async () => { try { await echo('x'.repeat(4 * 1024 * 1024)); return 'ESCAPED: it crossed'; } catch (error) { return error instanceof TypeError ? 'contained' : String(error); } })();
