// attack: calls every method and accessor of the web classes on receivers that are not theirs
// expect: ok
// uses: probe
const caught = [];
const strangers = [undefined, null, 1, 'x', {}, Object.create(null), new Proxy({}, {}), new Proxy(function () {}, {}), globalThis, [], new Map()];
for (const home of [URL, URLSearchParams, TextEncoder, TextDecoder, Event, CustomEvent, EventTarget, AbortSignal, AbortController, DOMException]) {
  for (const target of [home, home.prototype]) for (const key of Reflect.ownKeys(target)) {
    const { value, get, set } = Reflect.getOwnPropertyDescriptor(target, key);
    for (const part of [value, get, set]) if (typeof part === 'function') for (const stranger of strangers) {
      try { caught.push(Reflect.apply(part, stranger, [stranger, stranger])); } catch (error) { caught.push(error); }
      try { caught.push(Reflect.construct(part, [stranger], Proxy)); } catch (error) { caught.push(error); }
    }
  }
}
for (const it of caught) contained(it);
'contained';
