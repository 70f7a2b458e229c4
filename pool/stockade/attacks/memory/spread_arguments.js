// attack: passes ten million arguments
// expect: memory_limit
// layer: realm
// limits: timeout_seconds=60
Math.max(...new Array(10000000).fill(1));
