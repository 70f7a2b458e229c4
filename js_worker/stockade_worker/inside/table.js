// `console.table`: rows of a list, an object or a map, with a column for each field that any row has.

const MAX_ROWS = 1000;
const MAX_TABLE_COLUMNS = 50;

/** @param {any} data @param {any} wanted names of the columns to show @returns {string} */
const tableText = (data, wanted) => {
  const table = { heads: newParts(), rows: newParts(), values: false, more: 0, left: create(null) };
  const isMap = hasSlot(mapSize, data);
  addPart(table.heads, isMap || hasSlot(setSize, data) ? '(iteration index)' : '(index)');
  if (isMap) addPart(table.heads, 'Key');
  const fixed = table.heads.count;
  if (isArray(wanted)) for (let i = 0; i < wanted.length && i < MAX_TABLE_COLUMNS; i += 1) addPart(table.heads, cellText(dataValue(wanted, i), true));
  let index = 0;
  if (isMap) {
    mapForEach(data, (/** @type {any} */ value, /** @type {any} */ key) => addRow(table, `${index++}`, value, fixed, wanted, cellText(key, false)));
  } else if (hasSlot(setSize, data)) {
    setForEach(data, (/** @type {any} */ value) => addRow(table, `${index++}`, value, fixed, wanted, null));
  } else if (hasSlot(typedLength, data)) {
    for (let i = 0; i < typedLength(data); i += 1) addRow(table, `${i}`, /** @type {any} */ (data)[i], fixed, wanted, null);
  } else {
    const names = keysOf(data);
    for (let i = 0; i < names.length; i += 1) addRow(table, /** @type {string} */ (names[i]), dataValue(data, /** @type {string} */ (names[i])), fixed, wanted, null);
  }
  if (table.values) addPart(table.heads, 'Values');
  const beyond = isArray(wanted) ? wanted.length - MAX_TABLE_COLUMNS : keysOf(table.left).length;
  return `${drawn(table)}${leftOut(table.more, 'row')}${leftOut(beyond, 'column')}`;
};

/** @param {number} count @param {string} what */
const leftOut = (count, what) => (count <= 0 ? '' : `\n... ${count} more ${what}${count === 1 ? '' : 's'}`);

/** @param {any} table @param {string} index @param {any} value @param {number} fixed @param {any} wanted @param {string | null} key */
const addRow = (table, index, value, fixed, wanted, key) => {
  if (table.rows.count >= MAX_ROWS) {
    table.more += 1;
    return;
  }
  const row = create(null);
  row[0] = index;
  if (key !== null) row[1] = key;
  addPart(table.rows, row);
  const object = key === null && typeof value === 'object' && value !== null ? targetOf(value) : null;
  if (object === null || hasSlot(dateGetTime, object)) {
    row.value = cellText(value, false);
    table.values = true;
    return;
  }
  const names = keysOf(object);
  for (let i = 0; i < names.length; i += 1) {
    const name = /** @type {string} */ (names[i]);
    let column = fixed;
    while (column < table.heads.count && table.heads[column] !== name) column += 1;
    if (column === table.heads.count) {
      if (isArray(wanted)) continue;
      if (column >= MAX_TABLE_COLUMNS) {
        table.left[name] = true;
        continue;
      }
      addPart(table.heads, name);
    }
    row[column] = cellText(dataValue(object, name), false);
  }
};

/** @param {any} value @param {boolean} bare whether a text stands without quotes @returns {string} */
const cellText = (value, bare) => (bare && typeof value === 'string' ? value : inspect(value, 0));

/** @param {any} table @returns {string} */
const drawn = ({ heads, rows, values }) => {
  const last = heads.count - 1;
  /** @param {any} row @param {number} column @returns {string} */
  const cell = (row, column) => (values && column === last ? row.value : row[column]) ?? '';
  const widths = newParts();
  for (let column = 0; column < heads.count; column += 1) {
    let width = heads[column].length;
    for (let i = 0; i < rows.count; i += 1) width = max(width, cell(rows[i], column).length);
    addPart(widths, width + 2);
  }
  let text = `${rule(widths, '┌', '┬', '┐')}\n│`;
  for (let column = 0; column < heads.count; column += 1) text += ` ${padded(heads[column], widths[column] - 1)}│`;
  text += `\n${rule(widths, '├', '┼', '┤')}`;
  for (let i = 0; i < rows.count; i += 1) {
    text += '\n│';
    for (let column = 0; column < heads.count; column += 1) text += ` ${padded(cell(rows[i], column), widths[column] - 1)}│`;
  }
  return `${text}\n${rule(widths, '└', '┴', '┘')}`;
};

/** @param {string} text @param {number} width */
const padded = (text, width) => `${text}${repeatText(' ', width - text.length)}`;

/** @param {any} widths @param {string} left @param {string} between @param {string} right */
const rule = (widths, left, between, right) => {
  let text = left;
  for (let i = 0; i < widths.count; i += 1) text += `${i === 0 ? '' : between}${repeatText('─', widths[i])}`;
  return text + right;
};
