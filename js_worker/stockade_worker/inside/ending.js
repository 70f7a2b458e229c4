// The script's only way out, and how a run ends. Nothing but strings, numbers and booleans crosses. `emit` is the one
// host function of a context: it stays in this closure and is called only inside a try whose catch drops what it
// caught, so that no host error can reach the script either.

const CONSOLE = 1;
const CALL = 2;
const RETURNED = 3;
const THREW = 4;
const CLEAR = 5;

// What a message may take of a line beside the text in it.
const ENVELOPE_BYTES = 1024;

// As much of a line as the longest hint takes. And so long a value may come to less than was meant.
const HINT_BYTES = 20_000;
const SHORT_TEXT = 1_000;

/** Limits of this run, in UTF-8 bytes and counts. @type {any} */
let caps = create(null);

/**
 * What the run will end with. Sent only when its turn is over: by then Node has reported the rejections that nobody
 * handled, and they say more than a value. The first error stays.
 * Each has all four of its own: another would be asked of what the script made of `Object.prototype`.
 * @type {{kind: number, text: string | undefined, lostFunction: string, given: string | undefined} | null}
 */
let outcome = null;
let ended = false;

/** @param {number} kind @param {any} [a] @param {any} [b] @param {any} [c] @returns {boolean} whether it went out */
const say = (kind, a, b, c) => {
  if (ended) return false;
  try {
    emit(kind, a, b, c);
    return true;
  } catch {
    return false;
  }
};

const failed = () => outcome !== null && outcome.kind === THREW;

/** The value that the script came to. @param {any} value */
const finish = (value) => {
  if (outcome !== null) return;
  let text;
  lostFunction = '';
  lostValue = false;
  try {
    text = toJson(value, caps.resultBytes, VALUE);
  } catch (error) {
    failWith(error);
    return;
  }
  if (text !== undefined && utf8Length(text, caps.resultBytes) > caps.resultBytes) {
    failPlainly('result_limit', 'RangeError', `the value is too large: the value may take ${caps.resultBytes} bytes at most`);
  } else if (outcome === null) outcome = { kind: RETURNED, text, lostFunction, given: text === undefined || hasRoom(text) ? givenText() : undefined };
};

/** Whether a value may be less than was meant, and a hint has room beside it. @param {string} text */
const hasRoom = (text) => text.length * 3 + HINT_BYTES <= caps.lineBytes && (lostValue || text.length < SHORT_TEXT);

/** What a hint needs to know. */
const givenText = () => {
  const shapes = notedShapes();
  if (shapes === undefined) return undefined;
  const given = create(null);
  given.shapes = shapes;
  given.lostValue = lostValue;
  return stringify(given);
};

/** @param {any} error a thrown value, or the fault of the value writer */
const failWith = (error) => {
  if (error !== null && error === fault) failPlainly(error.kind, error.kind === 'result_limit' ? 'RangeError' : 'TypeError', error.message);
  else fail(error);
};

/** @param {any} error */
const fail = (error) => failAs('exception', error);

/** @param {string} kind @param {any} error */
const failAs = (kind, error) => {
  if (!failed() && !ended) outcome = { kind: THREW, text: describeThrown(kind, error, caps.lineBytes - ENVELOPE_BYTES), lostFunction: '', given: undefined };
};

/** @param {string} kind @param {string} name @param {string} message */
const failPlainly = (kind, name, message) => {
  if (failed() || ended) return;
  const body = create(null);
  body.kind = kind;
  body.name = name;
  body.message = message;
  outcome = { kind: THREW, text: stringify(body), lostFunction: '', given: undefined };
};

/** Sends the ending; only what really went out ends the run. */
const end = () => {
  if (outcome !== null && say(outcome.kind, outcome.text, outcome.lostFunction, outcome.given)) ended = true;
};

/** UTF-8 bytes of a text, counted only where UTF-16 units leave it open. @param {string} text @param {number} limit */
const utf8Length = (text, limit) => {
  if (text.length * 3 <= limit || text.length > limit) return text.length;
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const code = charCodeAt(text, i);
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
};
