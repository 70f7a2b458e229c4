// attack: gives the parser a text with await in it and brackets without end
// expect: syntax, timeout, exception, ok
// value: 1
// layer: worker
// limits: timeout_seconds=0.4
await 1; ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((a, b) => a))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))); 1
