// The worker: reads one message at a time, runs one script at a time, and writes what became of it.

import { receive, send } from './channel.mjs';
import { harden } from './harden.mjs';
import { createRealm } from './realm.mjs';
import { prepare, warm } from './source.mjs';

const PROTOCOL_VERSION = 1;
const CONSOLE = 1;
const CALL = 2;
const RETURNED = 3;
const THREW = 4;

// A worker that serves one run need not prepare for the next.
const servesManyRuns = process.argv[2] === 'context';

/** @type {import('./realm.mjs').Realm | null} */
let current = null;
/** @type {import('./realm.mjs').Realm | null} */
let ahead = null;
/** Lines of this turn that can wait for its end, so that a hundred calls at once are one write. */
let pending = '';

/**
 * What leaves a context: primitives, put into an envelope made here. Anything else is dropped unread.
 * @type {import('./realm.mjs').Emit}
 */
const emit = (kind, a, b, c) => {
  if (current === null) return;
  if (kind === CALL && typeof a === 'number' && typeof b === 'string' && typeof c === 'string') {
    pending += `{"type":"call","call":${a},"binding":${JSON.stringify(b)},"args":${c}}\n`;
  } else if (kind === CONSOLE && typeof a === 'string' && typeof b === 'string') {
    // At once: it is to survive whatever ends this run.
    pending += `{"type":"console","level":${JSON.stringify(a)},"text":${JSON.stringify(b)}}\n`;
    flush();
  } else if (kind === RETURNED) {
    end(typeof a === 'string' ? `{"type":"returned","value":${a}}\n` : '{"type":"returned"}\n');
  } else if (kind === THREW && typeof a === 'string') {
    end(`{"type":"threw",${a.slice(1)}\n`);
  }
};

/** @param {string} line */
const end = (line) => {
  pending += line;
  current = null;
};

const flush = () => {
  const text = pending;
  pending = '';
  if (text !== '') send(text);
};

/** @param {any} message */
const execute = (message) => {
  const realm = ahead ?? createRealm(emit);
  ahead = null;
  current = realm;
  const program = prepare(message.script);
  if ('kind' in program) {
    end(`${JSON.stringify({ type: 'threw', ...program })}\n`);
    return;
  }
  realm.begin(JSON.stringify({ bindings: message.bindings, console: message.console, caps: message.caps }), program.edit);
  realm.evaluate(program.script);
  realm.turn();
};

/** @param {string} line */
const handle = (line) => {
  if (current !== null) {
    const realm = current;
    realm.deliver(line);
    realm.turn();
  } else {
    const message = JSON.parse(line);
    if (message.type === 'execute') execute(message);
    else if (message.type === 'warm') warm();
  }
  flush();
};

// One event-loop turn between messages: rejections are reported in it and dead contexts become collectable.
const loop = () => {
  // Only now, a turn later, has Node reported the rejections that nobody handled: they say more than a deadlock.
  current?.rest();
  flush();
  if (current === null && ahead === null && (servesManyRuns || !served)) ahead = createRealm(emit);
  const line = receive();
  if (line === null) process.exit(0);
  try {
    handle(line);
  } catch {
    // Out of stack in a bridge called from here, or a line that is not ours: this worker cannot be trusted to go on.
    process.exit(70);
  }
  if (current === null) served = true;
  setImmediate(loop);
};
let served = false;

// The reason is a value of the script: handed on unread. By the time a later run starts, none of an earlier is left.
process.on('unhandledRejection', (reason) => {
  current?.reject(reason);
  flush();
});
process.on('uncaughtException', () => process.exit(70));

harden();
send(`{"type":"ready","version":${PROTOCOL_VERSION},"node":${JSON.stringify(process.version.slice(1))}}\n`);
loop();
