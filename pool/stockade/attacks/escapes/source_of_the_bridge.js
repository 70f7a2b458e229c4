// attack: reads the text of the functions it was given
// expect: ok
const text = [echo, console.log, setTimeout, clearTimeout, Error.prepareStackTrace].map((f) => Function.prototype.toString.call(f)).join();
/file:|node:|\/home\/|\/usr\//.test(text) ? `ESCAPED: ${text}` : 'contained';
