// attack: has a binding fail as often as it may and reads every error for traces of Python
// expect: ok
// layer: worker
(async () => { for (let i = 0; i < 30; i += 1) { try { await fails(i); } catch (error) { const text = `${error.name} ${error.message} ${error.stack} ${JSON.stringify(error)}`; if (/Traceback|File "|\.py|site-packages/.test(text)) return `ESCAPED: ${text}`; } } return 'contained'; })();
