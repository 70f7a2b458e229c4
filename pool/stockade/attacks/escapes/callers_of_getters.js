// attack: asks a sloppy function that the bridge calls for its caller
// expect: ok
// uses: probe
const callers = [];
function spy() { try { callers.push(spy.caller); } catch { /* refused */ } try { callers.push(arguments.callee.caller); } catch { /* refused */ } try { callers.push(spy.arguments); } catch { /* refused */ } return 1; }
const bait = { get a() { return spy(); }, toJSON() { spy(); return { get b() { return spy(); } }; }, [Symbol.toPrimitive]: spy };
(async () => {
  console.log(bait, '%d', bait);
  await echo(bait);
  await new Promise((resolve) => setTimeout(function tick() { spy(); try { callers.push(tick.caller); } catch { /* refused */ } resolve(); }, bait));
  for (const caller of callers) if (typeof caller === 'function' && foreign(caller)) return `ESCAPED: ${caller}`;
  return callers.length > 0 ? 'contained' : 'nothing was called';
})();
