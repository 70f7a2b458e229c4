// attack: looks for what Node gives its own programs
// expect: ok
// uses: probe
const lent = ['process', 'require', '__dirname', '__filename', 'global', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'MessageChannel',
  'Worker', 'gc', 'internalBinding', 'primordials', 'navigator', 'localStorage', 'WebSocket', 'BroadcastChannel'];
const found = lent.filter((name) => name in globalThis);
// These may be there, made of text inside the context: then nothing of the host hangs on them.
for (const name of ['module', 'exports', 'Buffer', 'setImmediate', 'queueMicrotask', 'structuredClone', 'fetch', 'URL', 'AbortController', 'EventTarget', 'TextEncoder', 'performance', 'crypto']) contained(globalThis[name]);
found.length === 0 ? 'contained' : `ESCAPED: ${found}`;
