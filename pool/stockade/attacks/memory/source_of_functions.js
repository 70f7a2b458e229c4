// attack: keeps ever longer texts made by split and join
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
let text = 'abc';
for (;;) text = text.split('').join(text.slice(0, 5000));
