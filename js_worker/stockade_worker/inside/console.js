// `console`: each line is formatted here and sent at once, so that it survives whatever ends the run.

// Longer lines are cut, with a mark that says how much.
const MAX_CONSOLE_TEXT = 64 * 1024;
// What JSON makes of one UTF-16 unit at worst: \u0001.
const MAX_UNIT_BYTES = 6;

let consoleOn = true;

/** @param {string} level */
const consoleMethod = (level) => (/** @type {any[]} */ ...args) => {
  if (!consoleOn || ended) return;
  say(CONSOLE, level, cut(formatLog(args), consoleRoom()));
};

const consoleRoom = () => {
  const room = (caps.lineBytes - ENVELOPE_BYTES) / MAX_UNIT_BYTES;
  return room < MAX_CONSOLE_TEXT ? room - (room % 1) : MAX_CONSOLE_TEXT;
};

const makeConsole = () => {
  const console = {};
  define(console, 'log', consoleMethod('log'), true);
  define(console, 'info', consoleMethod('info'), true);
  define(console, 'warn', consoleMethod('warn'), true);
  define(console, 'error', consoleMethod('error'), true);
  define(console, 'debug', consoleMethod('debug'), true);
  return console;
};
