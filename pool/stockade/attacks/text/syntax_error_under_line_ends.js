// attack: a script that does not parse, at its end
// expect: syntax
// layer: worker
// limits: memory_limit_mb=256
// fill: 250000 "\n"
/*FILL*/
let let = ;
