// A worker without a context or a bridge: it speaks the protocol with the shortest code that can. Its script is a
// number, and its run makes so many calls, one after the other. What is left is the wire, the kernel and the supervisor.
import { readSync, writeSync } from 'node:fs';

const buffer = Buffer.alloc(64 * 1024);
const receive = () => buffer.toString('utf8', 0, readSync(0, buffer));
const send = (line) => writeSync(1, `${line}\n`);

send(JSON.stringify({ type: 'ready', version: 1, node: process.version.slice(1) }));
for (;;) {
  const line = receive();
  if (line === '') process.exit(0);
  const calls = Number(JSON.parse(line).script);
  for (let call = 1; call <= calls; call += 1) {
    send(JSON.stringify({ type: 'call', call, binding: 'echo', args: [call] }));
    JSON.parse(receive());
  }
  send('{"type":"returned"}');
}
