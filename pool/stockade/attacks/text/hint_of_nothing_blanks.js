// attack: the hint for a run without a value searches for a declaration: words that begin one, and blanks
// expect: ok
// value: null
// layer: supervisor
// fill: 120 "function                                                                                                                                                                                                                                                                                                                                                                                                                                                            "
`/*FILL*/`;
function main() {}
main()
