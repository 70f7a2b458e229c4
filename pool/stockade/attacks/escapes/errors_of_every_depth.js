// attack: makes the engine throw each of its errors from inside the bridge's callbacks, in search of one of the host
// expect: ok
// uses: probe
const caught = [];
const bombs = [() => null.x, () => undefined(), () => new 1(), () => [].reduce(() => 0), () => 'x'.repeat(-1), () => new Array(-1), () => 1n + 1, () => decodeURI('%'), () => JSON.parse('{'), () => new RegExp('['), () => Symbol() + '', () => (1).toString(1), () => Reflect.construct(1), () => structuredClone(() => 0), () => x, () => { 'use strict'; y = 1; }, () => Object.defineProperty(Object.freeze({}), 'a', { value: 1 })];
for (const bomb of bombs) for (const host of [() => echo({ toJSON: bomb }), () => console.log({ get x() { return bomb(); } }), () => setTimeout(bomb, { valueOf: bomb }), () => echo({ get x() { return bomb(); } }), () => structuredClone({ get x() { return bomb(); } })]) {
  try { const made = host(); made?.catch?.((error) => caught.push(error)); if (typeof made === 'number' || made?.ref) clearTimeout(made); } catch (error) { caught.push(error); }
}
await echo(1).catch((error) => caught.push(error));
for (const it of caught) contained(it);
'contained';
