// attack: takes the promises of bindings and timers apart: their prototype, species, finally, and what they are raced with
// expect: ok
// uses: probe
const caught = [];
const makers = [() => echo(1), () => fails(), () => echo(Symbol()), () => (async () => echo(1))(), () => Promise.any([fails(), fails()]), () => Promise.allSettled([fails(), echo(1)]), () => Promise.race([echo(1), fails()]), () => echo(1).finally(() => fails())];
for (const make of makers) {
  let made;
  try { made = make(); } catch (error) { caught.push(error); continue; }
  caught.push(made, Object.getPrototypeOf(made));
  made.constructor = { [Symbol.species]: function (executor) { caught.push(executor); executor((value) => { caught.push(value); }, (reason) => { caught.push(reason, reason?.errors, reason?.cause); }); } };
  for (const act of [() => made.finally(() => { throw 1; }), () => made.then((value) => caught.push(value), (reason) => caught.push(reason)), () => made.catch((reason) => { caught.push(reason, ...(reason?.errors ?? [])); })]) { try { caught.push(act()); } catch (error) { caught.push(error); } }
  delete made.constructor;
  try { caught.push(await made); } catch (error) { caught.push(error, error?.errors?.[0], error?.stack); }
}
for (const it of caught) contained(it);
'contained';
