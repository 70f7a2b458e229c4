// attack: parses the same large text for ever
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4 memory_limit_mb=256
const text = `[${'{"a":[1,2,3]},'.repeat(20000)}0]`;
for (;;) JSON.parse(text);
