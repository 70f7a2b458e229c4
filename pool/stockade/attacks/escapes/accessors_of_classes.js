// attack: uses static blocks, private names and auto accessors to get at receivers
// expect: ok
// uses: probe
const caught = [];
class Stamp { constructor(it) { return it; } }
class Brand extends Stamp { #mark = 1; static has(it) { return #mark in it; } static read(it) { return it.#mark; } static { caught.push(this, new.target); } }
for (const it of [globalThis, console, echo, setTimeout, Error, Error.prototype, URL, crypto, Promise.prototype, new Proxy({}, {})]) { try { new Brand(it); caught.push(Brand.has(it), Brand.read(it)); } catch (error) { caught.push(error); } }
await echo(1);
console.log('stamped');
for (const it of caught) contained(it);
'contained';
