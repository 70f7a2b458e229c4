// attack: the same search for a `return` that gives something: blanks between each and its end
// expect: ok
// value: null
// layer: supervisor
// fill: 1200 "return                                                                                                                                                                                             ;"
`/*FILL*/`;
function main() {}
main()
