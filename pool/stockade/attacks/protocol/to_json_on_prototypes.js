// attack: gives every object, text and number a toJSON, so that the bridge writes something else than a list
// expect: ok
for (const home of [Array, String, Number, Boolean]) home.prototype.toJSON = () => 5;
(async () => { try { await echo('x'); } catch { /* may be refused */ } return 'contained'; })();
