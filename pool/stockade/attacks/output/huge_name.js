// attack: throws an error with a name of sixteen million letters
// expect: exception
// layer: worker
throw Object.assign(new Error('x'), { name: 'N'.repeat(16 * 1024 * 1024) });
