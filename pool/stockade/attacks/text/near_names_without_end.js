// attack: a name that is not there, beside tens of thousands that are, each of which might be meant
// expect: exception
// layer: worker
// fill: 12000 "let misspelled_a; "
`/*FILL*/`;
misspelled_1();
