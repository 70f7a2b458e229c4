// attack: has listeners, abort reasons and event fields throw, and looks at where the errors go
// expect: exception
// uses: probe
const caught = [];
const target = new EventTarget();
target.addEventListener('x', () => { throw { toString() { throw new Error('inner'); } }; });
target.addEventListener('x', { handleEvent: null });
target.addEventListener('x', { get handleEvent() { throw new Error('got'); } });
target.addEventListener('x', function () { caught.push(this, arguments[0], arguments.callee?.caller); });
for (const event of [new Event('x'), { type: 'x' }, new Proxy(new Event('x'), {}), Object.create(Event.prototype)]) { try { target.dispatchEvent(event); } catch (error) { caught.push(error); } }
const controller = new AbortController();
controller.signal.onabort = () => { throw new Error('onabort'); };
controller.signal.addEventListener('abort', (event) => caught.push(event, event.target, event.currentTarget));
try { controller.abort(new Proxy({}, { get() { throw new Error('reason'); } })); } catch (error) { caught.push(error); }
try { AbortSignal.any([controller.signal, AbortSignal.timeout(1e6)]).throwIfAborted(); } catch (error) { caught.push(null); }
for (const it of caught) contained(it);
'contained';
