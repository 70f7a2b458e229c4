// attack: has every listener add one more to another target, and be called again, without end
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.5
const targets = [new EventTarget(), new EventTarget()];
const hop = (at) => { targets[at].addEventListener('x', () => queueMicrotask(() => hop(1 - at)), { once: true }); targets[at].dispatchEvent(new Event('x')); };
hop(0);
await new Promise(() => {});
