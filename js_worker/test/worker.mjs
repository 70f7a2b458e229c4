// A worker as its supervisor starts it, for tests: lines in, lines out.

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../stockade_worker/main.cjs', import.meta.url));

export const FLAGS = [
  '--no-concurrent-recompilation',
  '--no-maglev-osr',
  '--disallow-code-generation-from-strings',
  '--no-addons',
  '--unhandled-rejections=none',
  '--no-force-async-hooks-checks',
];

export const CAPS = { result_bytes: 1 << 20, line_bytes: 1 << 22, call_bytes: 1 << 22, calls: 1000, calls_in_flight: 100 };

/** @type {Set<import('node:child_process').ChildProcess>} */
const alive = new Set();
// A test that failed leaves its worker behind, and that would hold up the runner.
after(() => alive.forEach((child) => child.kill('SIGKILL')));

/** Lines end in LF alone; readline knows more ends. @param {import('node:stream').Readable} stream */
const linesOf = async function* (stream) {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const [first = '', ...others] = chunk.split('\n');
    rest += first;
    for (const next of others) {
      yield rest;
      rest = next;
    }
  }
};

// As in stockade_worker/main.cjs.
const CODE = 63;
const HEAD_BYTES = 256;

/** @type {any} */
let code = null;
let folder = '';
after(() => rmSync(folder, { recursive: true, force: true }));

/** What a process compiles for others, as it says it; and the file that workers are given, as pool/stockade/code.py writes it. */
export const compiled = () => {
  if (code !== null) return code;
  const { stdout } = spawnSync(process.execPath, [...FLAGS, MAIN, 'compile'], { env: {}, encoding: 'utf8', maxBuffer: 1 << 26 });
  const { parts } = JSON.parse(stdout);
  /** @type {Record<string, number[]>} */
  const places = {};
  const blobs = [];
  let at = HEAD_BYTES;
  for (const { name, text, data } of parts) {
    const [plain, cached] = /** @type {[Buffer, Buffer]} */ ([Buffer.from(text), Buffer.from(data, 'base64')]);
    places[name] = [at, plain.length, cached.length];
    blobs.push(plain, cached);
    at += plain.length + cached.length;
  }
  folder = mkdtempSync(join(tmpdir(), 'code-'));
  const file = join(folder, 'code');
  writeFileSync(file, Buffer.concat([Buffer.from(JSON.stringify(places).padEnd(HEAD_BYTES)), ...blobs]));
  code = { parts, file };
  return code;
};

/** @param {string} isolation @param {{code?: {file: string}}} [options] */
export const startWorker = (isolation = 'context', options = {}) => {
  const words = [...FLAGS, MAIN, isolation];
  /** @type {any[]} */
  const stdio = ['pipe', 'pipe', 'inherit'];
  if (options.code !== undefined) {
    words.push('compiled');
    while (stdio.length < CODE) stdio.push('ignore');
    stdio.push(openSync(options.code.file, 'r'));
  }
  const child = spawn(process.execPath, words, { env: {}, stdio });
  if (options.code !== undefined) closeSync(stdio[CODE]);
  alive.add(child);
  const lines = linesOf(child.stdout);
  return {
    child,
    /** @param {object | string} message */
    write(message) {
      child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
    },
    /** The next line; null at the end. @returns {Promise<string | null>} */
    async line() {
      const { value, done } = await lines.next();
      return done ? null : /** @type {string} */ (value);
    },
    /** The next message. @returns {Promise<any>} */
    async message() {
      return JSON.parse((await this.line()) ?? 'null');
    },
    /** @returns {Promise<number | null>} */
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      return child.exitCode ?? ended;
    },
  };
};

/** A message without the count that comes with every sixteenth ending alone. @param {any} message */
export const plain = (message) => {
  const rest = { ...message };
  delete rest.contexts;
  return rest;
};

/**
 * Runs a script whose calls are answered by `answers`, and gives all that the worker said up to the ending.
 * @param {ReturnType<typeof startWorker>} worker @param {string} script
 * @param {Record<string, (...args: any[]) => any>} [answers] @param {object} [options] fields of `execute`
 */
export const run = async (worker, script, answers = {}, options = {}) => {
  worker.write({ type: 'execute', script, bindings: Object.keys(answers), console: true, caps: CAPS, ...options });
  /** @type {any[]} */
  const said = [];
  for (;;) {
    const message = await worker.message();
    if (message === null) throw new Error(`the worker ended after ${JSON.stringify(said)}`);
    said.push(message);
    if (message.type === 'returned' || message.type === 'threw') return { said, ending: message, console: said.filter((one) => one.type === 'console') };
    if (message.type === 'call') worker.write(answer(message, answers));
  }
};

/** @param {any} message @param {Record<string, (...args: any[]) => any>} answers */
const answer = ({ call, binding, args }, answers) => {
  try {
    return { type: 'resolve', call, value: answers[binding]?.(...args) ?? null };
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error);
    return { type: 'reject', call, name, message };
  }
};

/**
 * How many times as long as `other` it takes. The best of three in turns, and of as many as a tenth of a second has room for, so
 * that a busy machine changes it little: it holds up what takes microseconds for longer than three of those.
 * @param {() => unknown} work @param {() => unknown} other
 * @param {() => number} [clock] in milliseconds; what is all done in this process can be timed by its own CPU time
 */
export const timesAsLong = async (work, other, clock = () => performance.now()) => {
  const best = [Infinity, Infinity];
  const began = performance.now();
  for (let round = 0; round < 3 || performance.now() - began < 100; round += 1) {
    for (const [i, one] of [work, other].entries()) {
      const started = clock();
      await one();
      best[i] = Math.min(best[i] ?? 0, clock() - started);
    }
  }
  const [ours = 0, theirs = 0] = best;
  return ours / theirs;
};

/** The CPU time of this process: others on a busy machine take none of it, however long they hold up what takes tens of milliseconds. */
export const cpuTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** What takes time that grows with it takes eight times as long for eight times as much; with its square, 64 times. */
export const MOST_GROWTH = 24;
