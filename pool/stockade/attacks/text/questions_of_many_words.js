// attack: questions of as many words as a question may have, as many as may be in flight
// expect: ok
// layer: supervisor
// limits: timeout_seconds=20
const words = Array.from({ length: 100 }, (_, i) => String.fromCharCode(97 + (i % 26))).join(' ');
for (let i = 0; i < 5; i += 1) await Promise.all(Array.from({ length: 60 }, () => searchApi(words)));
'contained';
