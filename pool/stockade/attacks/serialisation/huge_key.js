// attack: returns one key longer than a line may be
// expect: result_limit
// layer: worker
({ ['k'.repeat(3 * 1024 * 1024)]: 1 });
