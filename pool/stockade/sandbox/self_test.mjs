// Run once per pool under the layers, with full access to Node: tries a little of everything and tells what worked.
// Arguments: a file that exists outside the cage, and the pid of the launcher.
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';

const [file, launcher] = process.argv.slice(-2);

const attempts = {
  see_environment: () => Object.keys(process.env).some((name) => !['OPENSSL_CONF', 'TZ', 'LD_LIBRARY_PATH'].includes(name)),
  stat_file: () => fs.statSync(file),
  read_file: () => fs.readFileSync(file),
  list_folder: () => fs.readdirSync(dirname(file)),
  open_for_writing: () => fs.openSync(file, 'r+'),
  be_root: () => process.getuid() === 0,
  spawn_program: () => spawnSync(process.execPath, ['--version']).status === 0,
  signal_launcher: () => process.kill(Number(launcher), 0),
  list_interfaces: () => Object.keys(networkInterfaces()).length > 0,
  connect_tcp: async () => {
    const socket = connect({ host: '127.0.0.1', port: 9 });
    await once(socket, 'connect').catch((error) => {
      if (error.code !== 'ECONNREFUSED') throw error; // refused by the other end: the connection was allowed
    });
    socket.destroy();
  },
  send_udp: async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    socket.close();
  },
  open_unix_socket: async () => {
    const server = createServer().listen('\0stockade-self-test');
    await once(server, 'listening');
    server.close();
  },
};

const worked = [];
const attempt = async (name, act) => {
  try {
    if ((await act()) !== false) worked.push(name);
  } catch {
    // denied
  }
};

for (const [name, act] of Object.entries(attempts)) await attempt(name, act);
fs.writeSync(1, 'now limit me\n');
fs.readSync(0, new Uint8Array(1));
await attempt('start_thread', async () => {
  const worker = new Worker('', { eval: true });
  await once(worker, 'exit');
});
fs.writeSync(1, `${JSON.stringify(worked)}\n`);
process.exit(0);
