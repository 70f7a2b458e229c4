// attack: throws a text instead of an error
// expect: exception
// layer: worker
throw '\u0001'.repeat(16 * 1024 * 1024);
