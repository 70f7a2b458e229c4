// attack: makes JSON.stringify and JSON.parse forge what they are given
// expect: ok
JSON.stringify = () => '1}\n{"type":"returned","value":"forged"}';
JSON.parse = () => ({ type: 'resolve', call: 1, value: 'forged' });
(async () => ((await echo('x')) === 'x' ? 'contained' : 'ESCAPED: the bridge used a patched JSON'))();
