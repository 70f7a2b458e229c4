// attack: a script that is neither JavaScript nor TypeScript, and long
// expect: syntax
// layer: worker
// limits: memory_limit_mb=256
// fill: 12000 "let a: number = 1;"
/*FILL*/ @@
