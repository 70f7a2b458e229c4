// attack: tabs, which the caret's line shows as blanks
// expect: exception
// layer: supervisor
// fill: 250000 "\t"
/*FILL*/throw new Error("far down");
