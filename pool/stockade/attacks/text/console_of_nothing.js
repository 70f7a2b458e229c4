// attack: so many empty console lines that telling them apart is all the work
// expect: output_limit
// layer: supervisor
for (;;) console.log('');
