// attack: uses each web name for the first time where the stack ends, so that it is half made
// expect: ok
// uses: probe
const caught = [];
const names = ['URL', 'TextDecoder', 'EventTarget', 'AbortSignal', 'crypto', 'DOMException', 'performance', 'console', 'Proxy', 'module'];
const recurse = () => { try { recurse(); } catch { /* unwinding */ } for (const name of names) { try { caught.push(globalThis[name]); } catch (leaked) { caught.push(leaked); } } };
recurse();
for (const it of new Set(caught)) contained(it);
typeof URL === 'function' && new URL('http://h/').host === 'h' && typeof new AbortController().abort === 'function' ? 'contained' : 'half made';
