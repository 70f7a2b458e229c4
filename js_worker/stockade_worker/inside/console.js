// `console`: each line is formatted here and sent at once, so that it survives whatever ends the run.

// Longer lines are cut, with a mark that says how much.
const MAX_CONSOLE_TEXT = 64 * 1024;
// What JSON makes of one UTF-16 unit at worst: \u0001.
const MAX_UNIT_BYTES = 6;
const MAX_INDENT = 80;

let consoleOn = true;
let groupIndent = '';
/** @type {any} */
const counts = create(null);
/** @type {any} */
const clocks = create(null);

/** @param {string} level @param {any} args */
const log = (level, args) => {
  if (consoleOn && !ended) logText(level, formatLog(args));
};

/** @param {string} level @param {string} text */
const logText = (level, text) => {
  if (consoleOn) say(CONSOLE, level, cut(groupIndent === '' ? text : indented(text, groupIndent), consoleRoom()));
};

/** @param {string} text @param {string} indent */
const indented = (text, indent) => {
  let out = indent;
  let from = 0;
  for (let at = indexOfText(text, '\n', 0); at >= 0; at = indexOfText(text, '\n', from)) {
    out += `${sliceText(text, from, at + 1)}${indent}`;
    from = at + 1;
  }
  return out + sliceText(text, from);
};

const consoleRoom = () => {
  const room = (caps.lineBytes - ENVELOPE_BYTES) / MAX_UNIT_BYTES;
  return room < MAX_CONSOLE_TEXT ? room - (room % 1) : MAX_CONSOLE_TEXT;
};

/** @param {any} value what a script gave as a label */
const labelOf = (value) => (value === undefined ? 'default' : typeof value === 'string' ? value : inspect(value));

/** Since when a clock runs, as text. @param {string} label */
const elapsed = (label) => {
  const ms = now() - clocks[label];
  return ms >= 1000 ? `${floor(ms) / 1000}s` : `${ms}ms`;
};

const makeConsole = () => {
  const methods = {
    log: (/** @type {any[]} */ ...args) => log('log', args),
    info: (/** @type {any[]} */ ...args) => log('info', args),
    warn: (/** @type {any[]} */ ...args) => log('warn', args),
    error: (/** @type {any[]} */ ...args) => log('error', args),
    debug: (/** @type {any[]} */ ...args) => log('debug', args),
    dir: (/** @type {any} */ value, /** @type {any} */ options) => logText('log', inspect(value, depthOf(options))),
    dirxml: (/** @type {any[]} */ ...args) => log('log', args),
    table: (/** @type {any} */ data, /** @type {any} */ columns) => {
      if (typeof data !== 'object' || data === null) log('log', [data]);
      else if (consoleOn) logText('log', tableText(targetOf(data), columns));
    },
    group: (/** @type {any[]} */ ...args) => {
      if (args.length > 0) log('log', args);
      if (groupIndent.length < MAX_INDENT) groupIndent += '  ';
    },
    groupEnd: () => {
      groupIndent = sliceText(groupIndent, 2);
    },
    count: (/** @type {any} */ name) => {
      const label = labelOf(name);
      counts[label] = (counts[label] ?? 0) + 1;
      logText('log', `${label}: ${counts[label]}`);
    },
    countReset: (/** @type {any} */ name) => {
      delete counts[labelOf(name)];
    },
    time: (/** @type {any} */ name) => {
      clocks[labelOf(name)] ??= now();
    },
    timeLog: (/** @type {any} */ name, /** @type {any[]} */ ...args) => {
      const label = labelOf(name);
      if (clocks[label] === undefined) logText('warn', `Warning: No such label '${label}' for console.timeLog()`);
      else logText('log', `${label}: ${elapsed(label)}${args.length === 0 ? '' : ` ${formatLog(args)}`}`);
    },
    timeEnd: (/** @type {any} */ name) => {
      const label = labelOf(name);
      if (clocks[label] === undefined) logText('warn', `Warning: No such label '${label}' for console.timeEnd()`);
      else {
        logText('log', `${label}: ${elapsed(label)}`);
        delete clocks[label];
      }
    },
    trace: (/** @type {any[]} */ ...args) => {
      const text = args.length === 0 ? '' : `: ${formatLog(args)}`;
      const stack = /** @type {string} */ (new IntrinsicError().stack);
      logText('error', `Trace${text}${sliceText(stack, summaryEnd(stack))}`);
    },
    assert: (/** @type {any} */ holds, /** @type {any[]} */ ...args) => {
      if (!holds) logText('warn', `Assertion failed${args.length === 0 ? '' : `${typeof args[0] === 'string' ? ':' : ''} ${formatLog(args)}`}`);
    },
  };
  const console = {};
  const names = keysOf(methods);
  for (let i = 0; i < names.length; i += 1) define(console, /** @type {string} */ (names[i]), /** @type {any} */ (methods)[/** @type {string} */ (names[i])], true);
  define(console, 'groupCollapsed', methods.group, true);
  define(console, toStringTag, 'console', false);
  return console;
};

/** @param {any} options of `console.dir` */
const depthOf = (options) => {
  if (typeof options !== 'object' || options === null) return MAX_INSPECT_DEPTH;
  const depth = dataValue(options, 'depth');
  return depth === null ? Infinity : typeof depth === 'number' ? depth : MAX_INSPECT_DEPTH;
};
