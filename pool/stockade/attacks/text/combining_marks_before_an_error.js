// attack: a line of marks that a terminal puts on top of one another
// expect: exception
// layer: supervisor
// fill: 120000 "\u0301"
'/*FILL*/'; throw new Error("far down");
