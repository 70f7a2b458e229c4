// attack: has arrays, typed arrays, buffers and regular expressions make their results by constructors of the script's choosing
// expect: ok
// uses: probe
const caught = [];
const own = function (...args) { caught.push(new.target, ...args); return own.gives ?? []; };
const choices = [Proxy, Error, URL, echo, Promise, own, class extends Array { static get [Symbol.species]() { return own; } }, new Proxy(Array, { construct: (target, args, made) => { caught.push(target, args, made); return globalThis; } })];
for (const choice of choices) for (const gives of [undefined, globalThis, [], echo]) {
  own.gives = gives;
  const list = [1, [2], 3];
  list.constructor = { [Symbol.species]: choice };
  const bytes = new Uint8Array(4);
  bytes.constructor = { [Symbol.species]: choice };
  const buffer = new ArrayBuffer(4);
  buffer.constructor = { [Symbol.species]: choice };
  const text = /a/g;
  text.constructor = { [Symbol.species]: choice };
  for (const act of [() => list.map((x) => x), () => list.concat([list]), () => list.flat(), () => list.splice(0, 1), () => list.slice(), () => list.filter(() => true), () => bytes.map((x) => x), () => bytes.subarray(1), () => buffer.slice(0), () => 'aXa'.split(text), () => [...'aXa'.matchAll(text)], () => console.log(list, bytes, buffer), () => structuredClone([bytes])]) {
    try { caught.push(act()); } catch (error) { caught.push(error); }
  }
  try { caught.push(await echo(list)); } catch (error) { caught.push(error); }
}
for (const it of caught) contained(it);
'contained';
