// attack: returns a text twice as long as a result may be
// expect: result_limit
// layer: worker
'x'.repeat(2 * 1024 * 1024);
