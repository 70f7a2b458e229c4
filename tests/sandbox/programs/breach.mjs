// Has full access to Node and tries the actions it is asked for, one after the other. Prints a line for each:
// its name, then "allowed: what it got" or "denied: code". Arguments: facts about the outside as JSON, the actions.
import { spawnSync, execFileSync, fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import { Worker } from 'node:worker_threads';

const [json, ...wanted] = process.argv.slice(2);
const outside = JSON.parse(json);
const LOADER = process.arch === 'arm64' ? '/lib/ld-linux-aarch64.so.1' : '/lib64/ld-linux-x86-64.so.2';

const listening = async (server, ...where) => {
  server.listen(...where);
  await once(server, 'listening');
  server.close();
};
const connected = async (where) => {
  const socket = net.connect(where);
  await once(socket, 'connect').catch((error) => {
    if (error.code !== 'ECONNREFUSED') throw error; // refused by the other end only: we got through
  });
  socket.destroy();
};
const sent = async (family, host) => {
  const socket = createSocket(family);
  socket.send('x', 9, host);
  await new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.send('x', 9, host, (error) => (error ? reject(error) : resolve()));
  });
  socket.close();
};
const something = (value) => {
  if (value === undefined || value === null || value === false || value.length === 0) throw new Error('nothing there');
  return value;
};
const ran = (result) => {
  if (result.error) throw result.error;
  return something(result.status === 0);
};

const actions = {
  // Reading
  read_file: () => fs.readFileSync(outside.file, 'utf8'),
  read_passwd: () => fs.readFileSync('/etc/passwd'),
  read_hosts: () => fs.readFileSync('/etc/hosts'),
  read_through_dotdot: () => fs.readFileSync(`${import.meta.dirname}/../../../../../../../../../../etc/passwd`),
  list_root_folder: () => fs.readdirSync('/'),
  list_home: () => fs.readdirSync(outside.home),
  list_own_parent: () => fs.readdirSync(`${import.meta.dirname}/..`),
  open_device: () => fs.openSync('/dev/zero'),
  import_file: () => import(outside.module),
  // stat
  stat_file: () => fs.statSync(outside.file),
  stat_passwd: () => fs.statSync('/etc/passwd'),
  stat_home: () => fs.statSync(outside.home),
  access_file: () => fs.accessSync(outside.file),
  statfs_root: () => fs.statfsSync('/'),
  readlink_of_a_process: () => fs.readlinkSync(`/proc/${outside.supervisor}/exe`),
  // /proc
  supervisor_environment: () => fs.readFileSync(`/proc/${outside.supervisor}/environ`),
  supervisor_memory: () => fs.openSync(`/proc/${outside.supervisor}/mem`),
  supervisor_descriptors: () => fs.readdirSync(`/proc/${outside.supervisor}/fd`),
  launcher_memory: () => fs.openSync(`/proc/${outside.launcher}/mem`),
  own_environment: () => fs.readFileSync('/proc/self/environ'),
  own_maps: () => fs.readFileSync('/proc/self/maps'),
  own_memory: () => fs.openSync('/proc/self/mem', 'r+'),
  own_descriptors: () => fs.readdirSync('/proc/self/fd'),
  list_processes: () => fs.readdirSync('/proc'),
  // Writing
  write_file: () => fs.writeFileSync(outside.writable, 'x'),
  create_file: () => fs.writeFileSync(`${outside.folder}/new`, 'x'),
  create_file_in_tmp: () => fs.writeFileSync('/tmp/stockade-breach', 'x'),
  create_file_in_root: () => fs.writeFileSync('/stockade-breach', 'x'),
  create_file_beside_itself: () => fs.writeFileSync(`${import.meta.dirname}/breach-was-here`, 'x'),
  write_itself: () => fs.appendFileSync(import.meta.filename, '\n'),
  write_the_node_binary: () => fs.openSync(process.execPath, 'r+'),
  truncate_file: () => fs.truncateSync(outside.writable),
  truncate_itself: () => fs.truncateSync(import.meta.filename),
  remove_itself: () => fs.unlinkSync(import.meta.filename),
  make_folder: () => fs.mkdirSync(`${outside.folder}/made`),
  make_symlink: () => fs.symlinkSync('/etc', `${outside.folder}/link`),
  make_hard_link: () => fs.linkSync(outside.file, `${outside.folder}/hard-link`),
  chmod_file: () => fs.chmodSync(outside.writable, 0o777),
  chmod_itself: () => fs.chmodSync(import.meta.filename, 0o777),
  chown_file: () => fs.chownSync(outside.writable, process.getuid(), process.getgid()),
  utimes_file: () => fs.utimesSync(outside.writable, 0, 0),
  utimes_itself: () => fs.utimesSync(import.meta.filename, 0, 0),
  rename_file: () => fs.renameSync(outside.writable, `${outside.folder}/renamed`),
  remove_file: () => fs.unlinkSync(outside.victim),
  watch_file: () => fs.watch(import.meta.filename).close(),
  // Programs
  spawn_shell: () => ran(spawnSync('/bin/sh', ['-c', 'true'])),
  spawn_node: () => ran(spawnSync(process.execPath, ['--version'])),
  spawn_loader: () => ran(spawnSync(LOADER, [process.execPath, '--version'])),
  exec_file: () => execFileSync('/bin/true'),
  fork_node: async () => {
    const child = fork(import.meta.filename, ['{}'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    await Promise.race([once(child, 'exit'), once(child, 'error').then(([error]) => Promise.reject(error))]);
  },
  replace_itself: () => process.execve(process.execPath, [process.execPath, '--version'], {}),
  load_addon: () => process.dlopen({ exports: {} }, outside.file),
  // Other processes
  signal_supervisor: () => process.kill(outside.supervisor, 0),
  kill_supervisor: () => process.kill(outside.supervisor, 'SIGCONT'),
  signal_launcher: () => process.kill(outside.launcher, 0),
  signal_init: () => process.kill(1, 0),
  signal_own_group: () => process.kill(0, 0),
  signal_everything: () => process.kill(-1, 0),
  signal_itself: () => process.kill(process.pid, 0),
  supervisor_priority: () => os.setPriority(outside.supervisor, 19),
  own_priority: () => os.setPriority(0, 5),
  debug_supervisor: () => process._debugProcess(outside.supervisor),
  change_user: () => process.setuid(1),
  become_root: () => process.setuid(0),
  // Sockets
  connect_tcp: () => connected({ host: '127.0.0.1', port: outside.tcp }),
  connect_tcp6: () => connected({ host: '::1', port: outside.tcp }),
  listen_tcp: () => listening(net.createServer(), 0, '127.0.0.1'),
  send_udp: () => sent('udp4', '127.0.0.1'),
  send_udp6: () => sent('udp6', '::1'),
  connect_unix_socket: () => connected(outside.unix),
  listen_unix_socket: () => listening(net.createServer(), `${outside.folder}/socket`),
  connect_abstract_socket: () => connected(outside.abstract),
  listen_abstract_socket: () => listening(net.createServer(), '\0stockade-breach'),
  resolve_name: async () => (await import('node:dns/promises')).lookup('localhost', { all: true, hints: 0, family: 4 }).then(() => {
    throw new Error('answered without a socket: numbers and files only');
  }),
  list_interfaces: () => something(Object.keys(os.networkInterfaces())),
  start_inspector: async () => {
    const inspector = await import('node:inspector');
    inspector.open(0, '127.0.0.1');
    return something(inspector.url());
  },
  // What it knows of the machine
  environment: () => something(Object.keys(process.env).filter((name) => !['OPENSSL_CONF', 'TZ', 'LD_LIBRARY_PATH'].includes(name))),
  host_name: () => something(os.hostname() === outside.hostname),
  user_name: () => os.userInfo(),
  be_root: () => something(process.getuid() === 0 || process.geteuid() === 0 || process.getgroups().includes(0)),
  terminal: () => something(fs.existsSync('/dev/tty')),
  inherited_descriptors: () => {
    const foreign = [];
    for (let fd = 3; fd < 1024; fd++) {
      try {
        const { mode, dev, ino } = fs.fstatSync(fd);
        if ((mode & 0o170000) === 0o140000 || outside.inodes.includes(`${dev}:${ino}`)) foreign.push(fd);
      } catch { /* not open */ }
    }
    return something(foreign);
  },
  // Threads
  start_thread: async () => {
    const worker = new Worker('', { eval: true });
    await once(worker, 'exit');
  },
  // Memory nobody counts. 1 is no room for a core file, and the kernel's word for no program that is handed one either.
  core_dump_limit: () => something(!(process.report.getReport().userLimits.core_file_size_blocks.hard <= 1)),
};

fs.writeSync(1, 'ready\n');
fs.readSync(0, new Uint8Array(1)); // until the launcher has taken the threads away
for (const action of wanted) {
  try {
    const got = await actions[action]();
    fs.writeSync(1, `${action} allowed: ${JSON.stringify(typeof got === 'object' ? 'an object' : String(got).slice(0, 80))}\n`);
  } catch (error) {
    fs.writeSync(1, `${action} denied: ${error.code ?? error.message}\n`);
  }
}
process.exit(0);
