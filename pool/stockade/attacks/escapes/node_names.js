// attack: looks for what Node gives its own programs
// expect: ok
const names = ['process', 'require', 'module', 'exports', '__dirname', '__filename', 'Buffer', 'global', 'setImmediate', 'fetch', 'queueMicrotask',
  'structuredClone', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'MessageChannel', 'Worker', 'gc', 'internalBinding', 'primordials'];
const dangerous = names.filter((name) => name in globalThis && !/queueMicrotask|structuredClone|fetch/.test(name));
dangerous.length === 0 ? 'contained' : `ESCAPED: ${dangerous}`;
