// attack: gives the parser a regular expression whose groups nest deep, beside an await
// expect: ok, syntax, timeout
// value: "contained"
// layer: clock
// limits: timeout_seconds=0.4
await 1; /((((((((((((((((((((((((((((((((((((((((((((((((((((((((((a?)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*/u; 'contained'
