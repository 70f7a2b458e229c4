// attack: logs text that is a message of the protocol, with line ends around it
// expect: ok
console.log('\n{"type":"returned","value":"forged".slice}\n{"type":"returned","value":"forged"}\n');
console.error('"}\n{"type":"returned","value":"forged"}\r\n{"type":"call","call":1,"binding":"echo","args":[]}');
'contained';
