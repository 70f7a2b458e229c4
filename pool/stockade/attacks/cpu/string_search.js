// attack: searches long texts inside the engine, where no interrupt is looked at
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
const text = 'a'.repeat(2 ** 23);
const needle = `${'a'.repeat(2 ** 20)}b`;
for (;;) text.lastIndexOf(needle);
