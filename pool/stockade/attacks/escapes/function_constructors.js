// attack: compiles text with each of the four function constructors
// expect: ok
const makers = [function () {}, function* () {}, async function () {}, async function* () {}];
for (const maker of makers) {
  let made;
  try { made = maker.constructor('return typeof process'); } catch { continue; }
  if (made() === 'object') throw new Error('ESCAPED: the compiled function sees process');
}
'contained';
