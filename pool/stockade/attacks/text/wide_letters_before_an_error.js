// attack: letters of two units each, so that columns of V8 and of Python differ
// expect: exception
// layer: supervisor
// fill: 60000 "\ud83c\udf0a"
'/*FILL*/'; throw new Error("far down");
