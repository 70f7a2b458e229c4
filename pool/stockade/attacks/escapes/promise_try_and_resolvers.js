// attack: lets the newest makers of promises call constructors of the script's choosing
// expect: ok
// uses: probe
const caught = [];
function Odd(executor) { caught.push(executor); executor((value) => caught.push(value), (reason) => caught.push(reason)); return new Proxy(this, {}); }
for (const make of [() => Promise.try(() => { throw new Error('x'); }), () => Promise.try.call(Odd, () => { throw null; }), () => Promise.withResolvers.call(Odd), () => Promise.withResolvers(), () => Promise.any.call(Odd, []), () => Promise.allSettled.call(Odd, [1]), () => Promise.try.call(function () {}, 1)]) {
  try { const made = make(); caught.push(made); made?.catch?.(() => {}); made?.promise?.catch?.(() => {}); } catch (error) { caught.push(error); }
}
for (const it of caught) contained(it);
'contained';
