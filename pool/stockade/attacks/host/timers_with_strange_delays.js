// attack: sets timers with delays that no clock can hold
// expect: ok
// layer: worker
for (const delay of [NaN, -1, -Infinity, Infinity, 2 ** 31, 1e308, '1e9', null, undefined, [], {}, 1n, Symbol('x'), 0.1]) setTimeout(() => {}, delay);
'contained';
