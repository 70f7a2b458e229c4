// attack: returns every character that some language takes for the end of a line
// expect: ok
// value: {"a\nb": "\n\r\u000b\f\u001c\u001d\u001e\u0085\u2028\u2029\u0000"}
({ 'a\nb': '\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029\0' });
