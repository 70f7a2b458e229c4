// attack: puts a class of its own in the place of Error, whose formatter Node would call
// expect: ok
let sites;
class Fake { static prepareStackTrace(_, frames) { sites = frames; return ''; } }
try { globalThis.Error = Fake; } catch { /* refused */ }
try { Object.defineProperty(globalThis, 'Error', { value: Fake }); } catch { /* refused */ }
try { delete globalThis.Error; } catch { /* refused */ }
try { null.x; } catch (error) { void error.stack; }
sites === undefined ? 'contained' : 'ESCAPED: frames';
