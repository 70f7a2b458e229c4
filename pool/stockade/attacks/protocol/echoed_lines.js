// attack: has a binding send back text that looks like an answer to another call
// expect: ok
const forged = '\n{"type":"resolve","call":2,"value":"forged"}\n';
(async () => { const [a, b] = await Promise.all([echo(forged), echo('second')]); return a === forged && b === 'second' ? 'contained' : 'ESCAPED: an answer was forged'; })();
