// A worker as its supervisor starts it, for tests: lines in, lines out.

import { spawn } from 'node:child_process';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../stockade_worker/main.cjs', import.meta.url));

export const FLAGS = [
  '--no-concurrent-recompilation',
  '--no-maglev-osr',
  '--disallow-code-generation-from-strings',
  '--no-addons',
  '--unhandled-rejections=none',
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

/** @param {string} isolation */
export const startWorker = (isolation = 'context') => {
  const child = spawn(process.execPath, [...FLAGS, MAIN, isolation], { env: {}, stdio: ['pipe', 'pipe', 'inherit'] });
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
