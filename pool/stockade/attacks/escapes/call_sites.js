// attack: asks each frame for its this and its function
// expect: ok
// uses: probe
const holder = {};
Error.captureStackTrace(holder);
let text = String(holder.stack);
class Own extends Error { static prepareStackTrace(_, frames) { return frames; } }
const frames = new Own('x').stack;
if (Array.isArray(frames)) for (const frame of frames) { contained(frame.getThis?.()); contained(frame.getFunction?.()); }
/file:|node:|\.mjs/.test(text) ? `ESCAPED: ${text}` : 'contained';
