// attack: evaluates text, in the scope of the script and in the global one
// expect: ok
const texts = [];
try { texts.push(eval('typeof process')); } catch { /* refused */ }
try { texts.push((0, eval)('typeof process')); } catch { /* refused */ }
texts.every((text) => text === 'undefined') ? 'contained' : `ESCAPED: ${texts}`;
