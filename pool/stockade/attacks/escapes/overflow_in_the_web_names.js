// attack: uses every web name at every depth near the end of the stack, for an error of the host
// expect: ok
// uses: probe
const caught = [];
const uses = [() => new URL('http://h/?a=1').searchParams.get('a'), () => new URLSearchParams('a=1').toString(), () => new TextDecoder().decode(new Uint8Array(3)), () => new TextEncoder().encode('xyz'), () => structuredClone({ a: [1] }), () => new EventTarget().dispatchEvent(new Event('x')), () => AbortSignal.abort('r').throwIfAborted(), () => crypto.getRandomValues(new Uint8Array(2)), () => crypto.randomUUID(), () => performance.now(), () => atob(btoa('x')), () => new DOMException('m').name, () => queueMicrotask(() => {})];
for (const use of uses) {
  let count = 0;
  const recurse = () => { try { recurse(); } catch { /* unwinding */ } if (count < 60) { count += 1; try { use(); } catch (leaked) { caught.push(leaked); } } };
  for (let pad = 0; pad < 3; pad += 1) { count = 0; const descend = (left) => (left === 0 ? recurse() : descend(left - 1)); descend(pad); }
}
for (const leaked of caught) contained(leaked);
'contained';
