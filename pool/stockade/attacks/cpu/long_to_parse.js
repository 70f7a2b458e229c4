// attack: gives the parser a text with await in it and brackets without end
// expect: syntax
// layer: worker
// limits: timeout_seconds=20
await 1; ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((a, b) => a))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))); 1
