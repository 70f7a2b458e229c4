// attack: takes the bound functions of Intl for functions of the host
// expect: ok
// uses: probe
const made = [new Intl.NumberFormat().format, new Intl.DateTimeFormat().format, new Intl.Collator().compare];
for (const make of [() => new Intl.NumberFormat('x-bad-'), () => new Intl.DateTimeFormat('en', { timeZone: 'No/Where' }), () => ''.normalize('bad'), () => 'x'.localeCompare('y', 'bad--')]) { try { made.push(make()); } catch (error) { made.push(error); } }
for (const part of made) contained(part);
'contained';
