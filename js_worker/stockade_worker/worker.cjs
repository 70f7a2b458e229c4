// The worker: reads one message at a time, runs one script at a time, and writes what became of it.

'use strict';

const { BROKEN, receive, send } = require('./channel.cjs');
const code = require('./code.cjs');
const { harden, reachable } = require('./harden.cjs');
const { bareContext, createRealm } = require('./realm.cjs');
const { countLines } = require('./source/places.cjs');
const { prepare } = require('./source/prepare.cjs');

const PROTOCOL_VERSION = 1;
const CONSOLE = 1;
const CALL = 2;
const RETURNED = 3;
const THREW = 4;
const CLEAR = 5;

// So much of it, some dozen calls, and the supervisor begins with them while the script goes on to make more.
const MUCH_PENDING = 1024;

// A loop that only makes calls must not pile up what the supervisor may refuse.
const MAX_PENDING = 64 * 1024;

// Contexts of earlier runs are there until they are collected; so many runs between two looks at how many.
const RUNS_PER_COUNT = 16;

const mode = process.argv[2];

// A worker that serves one run need not prepare for the next.
const servesManyRuns = mode === 'context';

/** @type {import('./realm.cjs').Realm | null} */
let current = null;
/** @type {import('./realm.cjs').Realm | null} */
let ahead = null;
/** Whether a script has run here. */
let served = false;
/** The run under way. @type {import('./hints.cjs').Asked} */
let asked = { script: '', bindings: [] };
/** Lines of this turn that can wait for its end, so that a hundred calls at once are one write. */
let pending = '';

/**
 * What leaves a context: primitives, put into an envelope made here. Anything else is dropped unread.
 * @type {import('./realm.cjs').Emit}
 */
const emit = (kind, a, b, c) => {
  if (current === null) return;
  if (kind === CALL && typeof a === 'number' && typeof b === 'string' && typeof c === 'string') {
    const line = `{"type":"call","call":${a},"binding":${JSON.stringify(b)},"args":${c}}\n`;
    makeWay(); // first: what throws from here on has made no call
    pending += line;
  } else if (kind === CLEAR && typeof a === 'number') {
    makeWay();
    pending += `{"type":"clear","call":${a}}\n`;
  } else if (kind === CONSOLE && typeof a === 'string' && typeof b === 'string') {
    // At once: it is to survive whatever ends this run.
    const before = pending;
    pending += `{"type":"console","level":${JSON.stringify(a)},"text":${JSON.stringify(b)}}\n`;
    try {
      flush();
    } catch {
      pending = before; // out of stack: this line is lost, and what waited waits on
    }
  } else if (kind === RETURNED) {
    const value = typeof a === 'string' ? `,"value":${a}` : '';
    const lost = typeof b === 'string' && b !== '' ? `,"left_out":${JSON.stringify(cut(b))}` : '';
    const hint = typeof c === 'string' ? require('./fields.cjs').ofValue(a, JSON.parse(c), asked) : undefined;
    end(`{"type":"returned"${value}${lost}${hint === undefined ? '' : `,"hint":${JSON.stringify(hint)}`}}\n`);
  } else if (kind === THREW && typeof a === 'string') {
    end(threwLine(JSON.parse(a)));
  }
};

// V8 and the parser quote what they choke on, and a script may be one word.
const MAX_MESSAGE = 8192;

/** @param {string} text */
const cut = (text) => (text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE)}… (${text.length - MAX_MESSAGE} more characters)`).toWellFormed();

/** @param {any} fault data alone, made of text @returns {string} */
const threwLine = ({ shapes, ...fault }) => {
  // Loaded only now: most runs need no hint, and each start would pay for it.
  const { hintFor } = require('./hints.cjs');
  const hint = fault.hint ?? hintFor({ ...fault, shapes }, asked);
  const { kind, name, message, line, column, stack, ...rest } = fault;
  return `${JSON.stringify({ type: 'threw', kind, name, message: cut(message), line, column, stack, ...(hint === undefined ? {} : { hint }), ...rest })}\n`;
};

/** @param {string} line */
const end = (line) => {
  const more = `${contexts === 0 ? '' : `,"contexts":${contexts}`}${worn ? ',"worn":true' : ''}`;
  pending += more === '' ? line : `${line.slice(0, -2)}${more}}\n`;
  contexts = 0;
  current = null;
};

/** How many contexts this process holds, told with the next ending; 0 if nobody has looked. */
let contexts = 0;
let runs = 0;
/** Whether a script has left this process unfit for the next. */
let worn = false;

/** Between runs, now and then: it takes some ten microseconds, and contexts pile up slowly. */
const countContexts = () => {
  runs += 1;
  if (runs % RUNS_PER_COUNT === 0) contexts = require('node:v8').getHeapStatistics().number_of_native_contexts;
};

const flush = () => {
  if (pending === '') return;
  send(pending);
  pending = '';
};

const nothing = () => {};

/** Sends what waits once it is much. Where the script has left too little stack for that, it waits on, up to a bound. */
const makeWay = () => {
  if (pending.length <= MUCH_PENDING) return;
  try {
    flush();
  } catch (error) {
    if (pending.length > MAX_PENDING) throw error;
  }
};

/** @param {any} message @param {() => void} [closed] called once all is there that is needed before the script is */
const execute = (message, closed = nothing) => {
  const realm = ahead ?? createRealm(emit);
  ahead = null;
  served = true;
  current = realm;
  asked = message;
  const program = prepare(message.script, message.language);
  worn ||= program.worn === true;
  delete program.worn; // told by the ending
  closed();
  if ('kind' in program) {
    end(threwLine(program));
    return;
  }
  if (message.check) {
    end('{"type":"returned"}\n');
    return;
  }
  const { bindings, console, caps, seed = '' } = message;
  const { script, edits, hidden } = program;
  realm.begin(JSON.stringify({ bindings, console, caps, seed, lines: countLines(message.script), edits, hidden }));
  realm.evaluate(script);
  realm.turn();
};

// Runs of ours, for their own sake: what runs for the first time is slow, and an idle worker has the time.
const REHEARSALS = ['const n = await rehearsal(1);\n[n, { text: `${n}` }]', '1 + 1'];
const REHEARSED = {
  bindings: ['rehearsal'],
  console: false,
  caps: { result_bytes: 1024, line_bytes: 65536, call_bytes: 1024, calls: 1, calls_in_flight: 1 },
};

/** Nothing of them is written: lines wait for the end of their turn, and are gone by then. */
const rehearse = () => {
  for (const script of REHEARSALS) {
    execute({ ...REHEARSED, script });
    current?.deliver('{"type":"resolve","call":1,"value":1}');
    current?.turn();
    tick();
    current?.rest();
    current = null;
    pending = '';
  }
  served = false;
};

/** @param {string} line that came while no run was under way */
const begin = (line) => {
  const message = JSON.parse(line);
  if (message.type === 'execute') execute(message, code.close);
  else if (message.type === 'warm') rehearse();
};

/**
 * Each answer has its turn before the next is delivered, as in Node: what a script does depends on their order alone, and
 * not on how many came together. The calls they lead to are one write; those of a timer's callback wait for no other callback.
 * @param {string[]} lines
 */
const handle = (lines) => {
  for (let i = 0; i < lines.length; i += 1) {
    const line = /** @type {string} */ (lines[i]);
    let fired = false;
    if (current === null) begin(line);
    else {
      fired = current.deliver(line);
      current.turn();
    }
    report();
    current?.rest();
    if (fired) flush();
  }
  flush();
};

// What Node itself calls after each of its callbacks; a turn of the event loop for each message would cost three times as much.
const tick = /** @type {() => void} */ (Reflect.get(process, '_tickCallback'));

/**
 * Node reports the rejections that nobody handled: they say more than a value or a deadlock. It asks each of those promises
 * for numbers by symbols of its own, which a script may learn and answer, or throw.
 */
const report = () => {
  try {
    tick();
  } catch {
    // Of this realm or the script's: dropped unread. What Node was in the midst of stays half done.
    worn = true;
    current?.reject('a promise was rejected, and Node could not look at it');
  }
};

// So many messages, and a run lets the event loop turn: V8 leaves work there for when it is idle.
const MESSAGES_PER_TURN = 64;

// One event-loop turn between runs: dead contexts become collectable in it.
const loop = () => {
  if (current === null && ahead === null && (servesManyRuns || !served)) {
    ahead = createRealm(emit);
    countContexts();
  }
  for (let i = 0; i === 0 || (current !== null && i < MESSAGES_PER_TURN); i += 1) {
    const lines = receive();
    if (lines === null) process.exit(0);
    try {
      handle(lines);
    } catch {
      // Out of stack in a bridge called from here, or a line that is not ours: this worker cannot be trusted to go on.
      process.exit(BROKEN);
    }
  }
  setImmediate(loop);
};

// The reason is a value of the script: handed on unread. By the time a later run starts, none of an earlier is left.
process.on('unhandledRejection', (reason) => current?.reject(reason));
// Node's own: that type stripping is experimental. Nobody reads them, and making one fails in a frozen realm.
process.emitWarning = () => {};
process.on('uncaughtException', () => process.exit(BROKEN));
// A service manager sends these to every process of a service (systemd does unless told otherwise). They are for the supervisor,
// which lets its runs end in peace; it ends a worker by SIGKILL.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP']) process.on(signal, nothing);

const sayReady = () => {
  send(`{"type":"ready","version":${PROTOCOL_VERSION},"node":${JSON.stringify(process.version.slice(1))}}\n`);
};

// Started from code: then a worker of this pool has come so far before, and what is left of the start takes no longer
// than the supervisor needs to limit a process that is ready. It reads nothing before it is done.
const isProven = process.argv[3] === 'compiled';

const first = bareContext();
reachable(first).then((realm) => {
  if (isProven) sayReady();
  harden(realm);
  if (mode === 'compile') {
    rehearse();
    send(code.line());
    process.exit(0);
  }
  if (!isProven) sayReady();
  ahead = createRealm(emit, first);
  loop();
}).catch(() => process.exit(BROKEN)); // no script runs in a realm that could not be hardened
