// attack: goes on asking for giant buffers when each is refused
// expect: timeout
// layer: memory
// limits: timeout_seconds=1.5
for (const kept = []; ;) { try { kept.push(new Float64Array(64 * 1024 ** 2).fill(1)); } catch { /* again */ } }
