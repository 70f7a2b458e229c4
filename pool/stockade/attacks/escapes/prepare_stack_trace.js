// attack: replaces the formatter of stacks, to be handed the frames
// expect: ok
let sites;
const grab = (_, frames) => { sites = frames; return ''; };
try { Error.prepareStackTrace = grab; } catch { /* refused */ }
try { Object.defineProperty(Error, 'prepareStackTrace', { value: grab }); } catch { /* refused */ }
try { Object.defineProperty(Function.prototype, 'prepareStackTrace', { value: grab }); } catch { /* refused */ }
for (const Type of [Error, TypeError, RangeError, AggregateError]) { Type.prepareStackTrace !== grab && Object.defineProperty(Type === Error ? {} : Type, 'prepareStackTrace', { value: grab }); void new Type('x').stack; }
sites === undefined ? 'contained' : `ESCAPED: ${sites.length} frames`;
