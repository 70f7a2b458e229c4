// attack: returns JSON text of its own making, with a number of ten thousand digits
// expect: ok
const raw = typeof JSON.rawJSON === 'function' ? JSON.rawJSON('9'.repeat(10000)) : { rawJSON: '9' };
(async () => { const back = await echo({ raw }); return typeof back.raw === 'object' || typeof back.raw === 'string' ? 'contained' : `ESCAPED: ${typeof back.raw}`; })();
