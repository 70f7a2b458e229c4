// attack: characters at which Python ends lines and JavaScript does not, in the script, the message and the stack
// expect: exception
// layer: supervisor
// \x0b \x0c \x1c \x1d \x1e \x85
const line = '\x0b\x0c\x1c\x1d\x1e\x85';
const error = new Error(line.repeat(1e4));
error.stack += line.repeat(1e5);
throw error;
