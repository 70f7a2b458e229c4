// attack: uses newer kinds of regular expression as functions of the engine that may fail
// expect: ok
// uses: probe
const caught = [];
for (const text of ['(?i:a)b', '(?-i:a)', '(?<a>x)|(?<a>y)', '[\\p{L}--[a-z]]', '(?i-i:a)', '(?<=a{65536})', '(?:'.repeat(5000) + ')'.repeat(5000)]) for (const flags of ['', 'v', 'dgimsuy', 'uv']) {
  try { const made = new RegExp(text, flags); caught.push(made, made.exec('xyab'), RegExp.escape?.(text)); } catch (error) { caught.push(error); }
}
for (const it of caught) contained(it);
'contained';
