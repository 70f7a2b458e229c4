// attack: asks for more than the machine in one piece
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
new Uint8Array(1.5 * 1024 ** 3).fill(1);
