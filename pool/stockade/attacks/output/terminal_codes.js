// attack: logs what clears a terminal, renames its window and moves its cursor
// expect: ok
// layer: worker
console.log('\x1b[2J\x1b[1;1H\x1b]0;owned\x07\x1b]52;c;Y3VybA==\x07\r\x08\x7f\x9b31m');
'contained';
