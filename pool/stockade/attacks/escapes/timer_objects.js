// attack: looks for Node's own Timeout behind what setTimeout gives, by every door it has
// expect: ok
// uses: probe
const timer = setTimeout(() => {}, 1e6);
const caught = [timer, Object.getPrototypeOf(timer)];
for (const name of ['ref', 'unref', 'hasRef', 'refresh', 'close', '_onTimeout', '_idleNext', '_destroyed']) { try { caught.push(timer[name], typeof timer[name] === 'function' ? timer[name]() : 0); } catch (error) { caught.push(error); } }
try { caught.push(timer[Symbol.toPrimitive]?.('number'), timer[Symbol.dispose]?.()); } catch (error) { caught.push(error); }
clearTimeout(timer);
clearTimeout({ get _onTimeout() { caught.push('read'); } });
for (const it of caught) contained(it);
caught.includes('read') ? 'ESCAPED: the bridge read a field of a stranger' : 'contained';
