// The arguments of a console method as one text: placeholders filled in, the rest inspected.

const MANY = 4;

/** @param {any} args an array @returns {string} */
const formatLog = (args) => {
  const filled = typeof args[0] === 'string' ? fillPlaceholders(args) : { text: '', used: 0 };
  let { text } = filled;
  for (let i = filled.used; i < args.length; i += 1) {
    text += `${i === 0 ? '' : ' '}${typeof args[i] === 'string' ? args[i] : inspect(args[i])}`;
  }
  return text;
};

/** `%s %d %i %f %j %o %O %c` of the first argument. @param {any} args */
const fillPlaceholders = (args) => {
  const format = args[0];
  let used = 1;
  let text = '';
  let from = 0;
  if (args.length === 1) return { text: format, used };
  for (let at = indexOfText(format, '%', 0); at >= 0; at = indexOfText(format, '%', at)) {
    const letter = format[at + 1];
    const filled = letter === '%' ? '%' : used < args.length ? placeholder(letter, args[used]) : undefined;
    if (filled === undefined) {
      at += 1;
      continue;
    }
    if (letter !== '%') used += 1;
    text += sliceText(format, from, at) + filled;
    at += 2;
    from = at;
  }
  return { text: text + sliceText(format, from), used };
};

/** @param {string} letter @param {any} value @returns {string | undefined} */
const placeholder = (letter, value) => {
  switch (letter) {
    case 's':
      return typeof value === 'string' ? value : typeof value === 'function' ? functionToString(value) : inspect(value, 0);
    case 'd':
      return typeof value === 'bigint' ? inspect(value) : inspect(isObjectLike(value) ? NaN : IntrinsicNumber(value));
    case 'i':
      return typeof value === 'bigint' ? inspect(value) : inspect(isObjectLike(value) ? NaN : parseWhole(value));
    case 'f':
      return inspect(isObjectLike(value) ? NaN : parseFraction(value));
    case 'j':
      return jsonOf(value);
    case 'o':
      return inspect(value, MANY);
    case 'O':
      return inspect(value);
    case 'c':
      return '';
    default:
      return undefined;
  }
};

/** @param {any} value */
const isObjectLike = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'symbol';

/** @param {any} value */
const jsonOf = (value) => {
  if (typeof value === 'function' || typeof value === 'symbol') return 'undefined';
  try {
    return toJson(value, MAX_CONSOLE_TEXT, 'it') ?? 'undefined';
  } catch (error) {
    if (error === null || error !== fault) throw error;
    return indexOfText(/** @type {any} */ (error).message, '(a cycle)') >= 0 ? '[Circular]' : `[${/** @type {any} */ (error).message}]`;
  }
};
