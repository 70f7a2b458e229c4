// attack: a script of two words that do not go together, the second of which V8 quotes in full
// expect: syntax
// layer: worker
// fill: 250000 "a"
x /*FILL*/
