// attack: has more calls in flight than it may
// expect: call_limit
// layer: worker
Promise.all(new Array(1000).fill(0).map(() => never()));
