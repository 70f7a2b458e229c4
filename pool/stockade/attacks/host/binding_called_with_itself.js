// attack: calls bindings as constructors, tags, getters and with receivers that are not there
// expect: ok
// layer: realm
// uses: probe
const caught = [];
for (const act of [() => new echo(1), () => echo`a${1}b`, () => Reflect.construct(echo, [1], Error), () => Reflect.apply(echo, echo, { length: 3 }), () => echo.call.call(echo, echo, echo), () => echo.bind(null, 1)(2), () => Object.assign(Object.create(echo), { x: 1 })(), () => echo(...Array(100).fill(1)), () => class extends echo {}, () => super_()]) {
  try { caught.push(await act()); } catch (error) { caught.push(error); }
}
for (const it of caught) contained(it);
'contained';
