// attack: opens a realm of its own
// expect: ok
let got;
try { got = new ShadowRealm().evaluate('typeof process'); } catch { /* there is none */ }
got === undefined || got === 'undefined' ? 'contained' : `ESCAPED: ${got}`;
