// attack: an error at the end of one line as long as a script may be
// expect: exception
// layer: supervisor
// fill: 250000 "x"
'/*FILL*/'; throw new Error("far down");
