// attack: the same with another end of line, which V8 and Python must count alike
// expect: exception
// layer: supervisor
// fill: 250000 "\r"
/*FILL*/
throw new Error("far down");
