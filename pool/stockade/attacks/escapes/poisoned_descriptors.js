// attack: poisons the fields that property descriptors inherit
// expect: ok
for (const key of ['get', 'set', 'writable', 'enumerable', 'configurable']) Object.prototype[key] = key === 'get' ? () => { console.log('ESCAPED: a poisoned getter ran'); return 1; } : undefined;
(async () => { console.log({ a: 1 }); await echo({ b: 2 }); try { await fails(); } catch (error) { void error.stack; } for (const key of ['get', 'set', 'writable', 'enumerable', 'configurable']) delete Object.prototype[key]; return 'contained'; })();
