// attack: throws an error with a message of sixteen million letters
// expect: exception
// layer: worker
throw new Error('m'.repeat(16 * 1024 * 1024));
