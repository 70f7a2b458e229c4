// How Node lays out what belongs to one object: on one line, in columns, or one part a line.

const LINE_WIDTH = 80;
// An array of more parts is set in columns.
const MIN_COLUMN_PARTS = 6;
const MAX_COLUMNS = 12;
// Objects that hold so many levels of others are never put on one line.
const MAX_NESTED_ON_LINE = 3;

/** A list of texts, without the array methods that a script may patch. @returns {any} */
const newParts = () => {
  const parts = create(null);
  parts.count = 0;
  return parts;
};

/** @param {any} parts @param {string} text */
const addPart = (parts, text) => {
  parts[parts.count] = text;
  parts.count += 1;
};

/**
 * @param {any} parts @param {string} prefix @param {string} open @param {string} close
 * @param {{leaf: boolean, list: boolean, more: boolean, numeric: boolean, nested: number, indent: number}} how `nested`: levels of objects in it
 */
const layOut = (parts, prefix, open, close, how) => {
  const head = prefix === '' ? '' : `${prefix} `;
  if (parts.count === 0) return `${head}${open}${close}`;
  const rows = how.list && parts.count > MIN_COLUMN_PARTS ? inColumns(parts, how) : parts;
  if (rows === parts && how.nested < MAX_NESTED_ON_LINE && fitsLine(parts, how.indent + open.length + (how.leaf ? prefix : head).length)) {
    const line = joinParts(parts, ', ');
    if (indexOfText(line, '\n') < 0 && indexOfText(prefix, '\n') < 0) return `${head}${open} ${line} ${close}`;
  }
  const indent = `\n${repeatText(' ', how.indent)}`;
  return `${head}${open}${indent}  ${joinParts(rows, `,${indent}  `)}${indent}${close}`;
};

/** @param {any} parts @param {number} taken by what stands before them */
const fitsLine = (parts, taken) => {
  // Two for each separator, and ten as Node allows for the brackets.
  let width = parts.count * 2 + taken + 10;
  for (let i = 0; i < parts.count && width <= LINE_WIDTH; i += 1) width += parts[i].length;
  return width <= LINE_WIDTH;
};

/** @param {any} parts @param {string} separator */
const joinParts = (parts, separator) => {
  let text = '';
  for (let i = 0; i < parts.count; i += 1) text += `${i === 0 ? '' : separator}${parts[i]}`;
  return text;
};

/** Rows of aligned columns where the parts are short and alike; else the parts themselves. @param {any} parts @param {{more: boolean, numeric: boolean, indent: number}} how */
const inColumns = (parts, how) => {
  const count = how.more ? parts.count - 1 : parts.count;
  let total = 0;
  let longest = 0;
  for (let i = 0; i < count; i += 1) {
    const { length } = parts[i];
    total += length + 2;
    if (length > longest) longest = length;
  }
  const widest = longest + 2;
  if (widest * 3 + how.indent >= LINE_WIDTH || (total / widest <= 5 && longest > 6)) return parts;
  const bias = max(widest - 3 - squareRoot(widest - total / parts.count), 1);
  // About two and a half times as wide as high, in characters.
  const square = round(squareRoot(2.5 * bias * count) / bias);
  const columns = min(square, floor((LINE_WIDTH - how.indent) / widest), MAX_COLUMNS);
  if (columns <= 1) return parts;
  const rows = newParts();
  for (let i = 0; i < count; i += columns) {
    let row = '';
    const stop = min(i + columns, count);
    for (let j = i; j < stop; j += 1) {
      const width = columnWidth(parts, j - i, columns, count);
      const text = j < stop - 1 ? `${parts[j]}, ` : parts[j];
      const padding = repeatText(' ', max(0, (j < stop - 1 ? width + 2 : width) - text.length));
      row += how.numeric ? `${padding}${text}` : j < stop - 1 ? `${text}${padding}` : text;
    }
    addPart(rows, row);
  }
  if (how.more) addPart(rows, parts[count]);
  return rows;
};

/** @param {any} parts @param {number} column @param {number} columns @param {number} count */
const columnWidth = (parts, column, columns, count) => {
  let width = 0;
  for (let i = column; i < count; i += columns) if (parts[i].length > width) width = parts[i].length;
  return width;
};
