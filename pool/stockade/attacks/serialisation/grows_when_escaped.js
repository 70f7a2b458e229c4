// attack: returns a text that is small until JSON escapes it
// expect: result_limit
// layer: worker
'\u0000'.repeat(400 * 1024);
