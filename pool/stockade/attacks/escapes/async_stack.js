// attack: reads the stack of an error that came out of an awaited binding
// expect: ok
// uses: probe
const inner = async () => { await echo(1); await fails(); };
(async () => { try { await inner(); } catch (error) { return /file:|node:|\.mjs|\.py|Traceback/.test(`${error.stack}${error.message}`) ? `ESCAPED: ${error.stack}` : contained(error); } })();
