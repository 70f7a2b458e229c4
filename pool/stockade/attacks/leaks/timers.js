// attack: leaves timers and an interval running
// expect: ok
setTimeout(() => { console.log('ESCAPED: a timer of the run before'); globalThis.secret = 1; }, 5);
setInterval(() => { console.log('ESCAPED: an interval of the run before'); }, 1);
'contained';
// then: ["contained"]
(async () => { const lines = []; await new Promise((resolve) => setTimeout(resolve, 60)); return [typeof secret === 'undefined' ? 'contained' : 'ESCAPED']; })();
