// attack: parses the same large text for ever
// expect: timeout, memory_limit
// layer: clock
// limits: timeout_seconds=0.4
const text = `[${'{"a":[1,2,3]},'.repeat(20000)}0]`;
for (;;) JSON.parse(text);
