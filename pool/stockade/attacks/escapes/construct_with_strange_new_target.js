// attack: constructs built-ins with a newTarget whose prototype is not there, so that V8 falls back to some realm
// expect: ok
// uses: probe
const targets = [new Proxy(function () {}, { get: (target, name) => (name === 'prototype' ? undefined : target[name]) }), echo.bind(null), console.log.bind(console)];
const made = [];
for (const Type of [Error, Promise, Array, Map, Uint8Array, Function, RegExp, Date, AggregateError, Proxy]) {
  for (const target of targets) { try { made.push(Reflect.construct(Type, Type === Promise ? [() => {}] : Type === AggregateError ? [[]] : Type === Function ? [] : [], target)); } catch (error) { made.push(error); } }
}
for (const object of made) { contained(object); contained(Reflect.getPrototypeOf(Object(object))); }
'contained';
