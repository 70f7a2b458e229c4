// attack: returns text that is no Unicode, in values and in keys
// expect: ok
// value: {"\ufffd": "a\ufffdb", "list": ["\ufffd"]}
({ '\udc00': 'a\ud800b', list: ['\udfff'] });
