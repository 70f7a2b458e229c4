// attack: lets a built-in walk an object that claims 2^53 items
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);
