// attack: gives the parser a regular expression whose groups nest deep, beside an await
// expect: syntax
// layer: worker
// limits: timeout_seconds=20
await 1; /((((((((((((((((((((((((((((((((((((((((((((((((((((((((((a?)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*/u; 'contained'
