// attack: reads what the regular expressions of the bridge last matched
// expect: ok
(async () => {
  const before = `${RegExp.input}${RegExp.lastMatch}${RegExp.leftContext}${RegExp.rightContext}${RegExp.$1}`;
  console.log('a %s b', { x: 1 }); await echo('secret'); try { await fails(); } catch (error) { void error.stack; }
  const after = `${RegExp.input}${RegExp.lastMatch}${RegExp.leftContext}${RegExp.rightContext}${RegExp.$1}`;
  return before === '' && after === '' ? 'contained' : `ESCAPED: ${before}${after}`;
})();
