// The other end of a bare round trip: answers each line of the protocol with the shortest legal line, on blocking
// descriptors as the worker does. `echo.cjs bare` sends the byte back instead: no JSON, no protocol, nothing left out.
const { readSync, writeSync } = require('node:fs');

const buffer = Buffer.alloc(64 * 1024);
const bare = process.argv[2] === 'bare';
for (;;) {
  const size = readSync(0, buffer);
  if (size === 0) process.exit(0);
  if (bare) {
    writeSync(1, buffer, 0, size);
  } else {
    const { call } = JSON.parse(buffer.toString('utf8', 0, size));
    writeSync(1, `${JSON.stringify({ type: 'call', call, binding: 'echo', args: [call] })}\n`);
  }
}
