// attack: passes ten million arguments
// expect: exception, memory_limit, timeout
// layer: realm
// limits: timeout_seconds=1.5
Math.max(...new Array(10000000).fill(1));
