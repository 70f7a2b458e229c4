// Says ready, waits for a line, then takes memory outside V8's heap until it is refused.
import { readSync, writeSync } from 'node:fs';
writeSync(1, 'ready\n');
readSync(0, new Uint8Array(16));
const kept = [];
try {
  for (let n = 0; n < 50; n++) kept.push(new Uint8Array(32 << 20).fill(1));
  writeSync(1, 'never refused\n');
} catch (error) {
  writeSync(1, `${error.name} after ${kept.length * 32} MiB\n`);
}
