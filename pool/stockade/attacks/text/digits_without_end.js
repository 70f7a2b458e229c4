// attack: numbers of more digits than Python turns into an integer
// expect: ok
// layer: supervisor
const many = JSON.rawJSON('1'.repeat(4000));
await echo(Array.from({ length: 200 }, () => many)).catch(() => 0);
'contained';
