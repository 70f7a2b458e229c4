// attack: returns a text that is small until UTF-8 encodes it
// expect: result_limit
// layer: worker
'\u20ac'.repeat(500 * 1024);
