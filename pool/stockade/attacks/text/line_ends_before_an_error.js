// attack: an error under a script's worth of line ends, whose line has to be found for the caret
// expect: exception
// layer: supervisor
// fill: 250000 "\n"
/*FILL*/
throw new Error("far down");
