// attack: logs nothing, for ever: the most lines for the fewest bytes
// expect: output_limit
// layer: worker
for (;;) console.log();
