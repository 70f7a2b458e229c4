// attack: logs a line that grows sixfold when it is escaped
// expect: output_limit
// layer: worker
console.log('\u0001'.repeat(16 * 1024 * 1024));
'contained';
