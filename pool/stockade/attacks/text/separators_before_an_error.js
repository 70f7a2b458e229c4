// attack: the same with U+2028, of which each takes three bytes
// expect: exception
// layer: supervisor
// fill: 80000 "\u2028"
/*FILL*/
throw new Error("far down");
