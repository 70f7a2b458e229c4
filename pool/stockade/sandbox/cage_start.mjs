// Loaded before the user's program by `stockade cage`: brings it to where a worker is when it says ready.
import { readSync, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';

await stat('/').catch(() => {}); // libuv's threads start at first use, and are part of what may stay
writeSync(1, '\n');
readSync(0, new Uint8Array(1));
