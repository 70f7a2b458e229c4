// attack: loops while the delay of a timer is converted
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
setTimeout(() => {}, { valueOf() { for (;;); } });
