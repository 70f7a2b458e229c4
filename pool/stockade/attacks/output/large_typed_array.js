// attack: logs a typed array of ten million items, whose keys alone fill the heap
// expect: ok, memory_limit, timeout
// layer: memory
// limits: timeout_seconds=2
console.log(new Uint8Array(1e7));
'contained';
