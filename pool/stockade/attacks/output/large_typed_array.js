// attack: logs a typed array of ten million items, whose keys alone fill the heap
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
console.log(new Uint8Array(1e7));
'contained';
