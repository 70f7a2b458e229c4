// attack: has each timer set two, without end
// expect: call_limit
// layer: worker
const two = () => { setTimeout(two, 0); setTimeout(two, 0); };
two();
await new Promise(() => {});
