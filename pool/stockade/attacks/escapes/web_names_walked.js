// attack: walks from every web name, from what each makes and from what each throws
// expect: ok
// uses: probe
const caught = [];
const take = (make) => { try { caught.push(make()); } catch (error) { caught.push(error); } };
const makers = [() => new URL('http://u:p@h:1/a?b#c'), () => new URL('nowhere'), () => new URL(), () => URL.parse?.('x'), () => URL('http://h'), () => new URLSearchParams('a=1&b').entries(), () => new URLSearchParams([[1]]),
  () => new TextEncoder().encodeInto('x', new Uint8Array(1)), () => new TextEncoder().encodeInto('x', 1), () => new TextDecoder('nothing'), () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])), () => new TextDecoder().decode(7),
  () => structuredClone(() => {}), () => structuredClone(Symbol()), () => structuredClone(new Proxy({}, {})), () => structuredClone({ get a() { throw new Error('mine'); } }),
  () => new Event(), () => new EventTarget().dispatchEvent(1), () => new CustomEvent('x', { detail: 1 }), () => new AbortController().signal, () => AbortSignal.abort(), () => AbortSignal.any([1]), () => AbortSignal.timeout(-1), () => AbortSignal.abort().throwIfAborted(), () => new AbortSignal(),
  () => crypto.getRandomValues(new Float32Array(1)), () => crypto.getRandomValues(new Uint8Array(1e6)), () => crypto.randomUUID(), () => crypto.subtle, () => performance, () => atob('*'), () => btoa('\u0100'), () => new DOMException('m', 'DataCloneError'), () => queueMicrotask(1)];
for (const make of makers) take(make);
for (const name of ['URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'structuredClone', 'Event', 'CustomEvent', 'EventTarget', 'AbortSignal', 'AbortController', 'crypto', 'performance', 'atob', 'btoa', 'DOMException', 'queueMicrotask', 'setTimeout']) caught.push(globalThis[name]);
for (const it of caught) contained(it);
'contained';
