// attack: a name that is not there and is as long as a script
// expect: exception
// layer: worker
// fill: 250000 "e"
e/*FILL*/();
