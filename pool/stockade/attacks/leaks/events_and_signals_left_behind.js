// attack: leaves listeners, timeouts of signals and half-decoded text for the next run
// expect: ok
const keep = new EventTarget();
keep.addEventListener('x', () => { throw new Error('ESCAPED'); });
AbortSignal.timeout(1).addEventListener('abort', () => { console.log('ESCAPED: a signal of the run before'); });
new TextDecoder().decode(new Uint8Array([0xe2, 0x82]), { stream: true });
globalThis.keep = keep;
'contained';
// then: "contained"
await new Promise((done) => setTimeout(done, 20));
typeof keep === 'undefined' && new TextDecoder().decode(new Uint8Array([0xac])) === '\ufffd' ? 'contained' : 'ESCAPED';
