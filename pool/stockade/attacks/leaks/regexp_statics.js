// attack: leaves a match in the statics of RegExp
// expect: ok
/secret/.exec('a secret');
'contained';
// then: "contained"
RegExp.lastMatch === '' && RegExp.input === '' ? 'contained' : `ESCAPED: ${RegExp.input}`;
