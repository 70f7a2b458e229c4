// attack: throws an error each of whose properties is a getter that looks around
// expect: exception
// uses: probe
const alarm = (value) => { if (foreign(value)) console.log('ESCAPED: a getter saw the host'); return value; };
const error = new Error('x');
function spy() { alarm(this); try { alarm(spy.caller); alarm(arguments.callee.caller); } catch { /* refused */ } return 'looked'; }
for (const key of ['name', 'message', 'stack', 'cause', 'line', 'column', 'hint', 'kind', 'errors', 'code']) Object.defineProperty(error, key, { get: spy });
throw error;
