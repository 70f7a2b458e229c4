// attack: leaves an async function waiting for a call that never ends
// expect: ok
(async () => { await never(); console.log('ESCAPED: it went on'); })();
'contained';
// then: "contained"
new Promise((resolve) => setTimeout(() => resolve('contained'), 20));
