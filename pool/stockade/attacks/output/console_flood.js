// attack: logs for ever
// expect: output_limit
// layer: worker
for (let i = 0; ; i += 1) console.log('line', i);
