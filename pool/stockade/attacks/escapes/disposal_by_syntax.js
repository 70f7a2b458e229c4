// attack: disposes by syntax: what is thrown in it becomes a SuppressedError of the engine
// expect: ok, syntax
// because: Node 22 has no `using`
// uses: probe
const caught = [];
const bad = (text) => ({ [Symbol.dispose]() { throw new Error(text); }, [Symbol.asyncDispose]() { throw new Error(text); } });
try { using a = bad('a'); using b = bad('b'); throw new Error('c'); } catch (error) { caught.push(error, error.error, error.suppressed); }
try { await using a = bad('a'); await using b = { [Symbol.asyncDispose]: () => ({ then(f, g) { g(bad('x')); } }) }; } catch (error) { caught.push(error, error.error, error.suppressed); }
try { using a = { get [Symbol.dispose]() { const down = () => down(); return down(); } }; } catch (error) { caught.push(error); }
for (const it of caught) contained(it);
'contained';
