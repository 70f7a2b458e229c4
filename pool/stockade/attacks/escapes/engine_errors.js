// attack: collects errors that the engine throws by itself, in case one is of another realm
// expect: ok
// uses: probe
const caught = [];
const tries = [() => null.x, () => undefinedName, () => { const x = 1; x = 2; }, () => new Array(-1), () => 'x'.repeat(-1), () => (1).toFixed(1000), () => BigInt(1.5), () => 1n / 0n, () => decodeURI('%'), () => JSON.parse('{'), () => new Proxy({}, null), () => Symbol() + '', () => Object.defineProperty(Object.freeze({}), 'x', {}), () => { const loop = () => loop(); loop(); }, () => new (class A extends null {})(), () => Reflect.construct(1), () => new RegExp('['), () => new Uint8Array(2 ** 53), () => [].reduce(() => {}), () => structuredClone(() => {}), () => echo.call.call(1), () => new Date(NaN).toISOString(), () => String.raw(), () => 'x'.normalize('y'), () => JSON.stringify(1n), () => setTimeout(1), () => Object.setPrototypeOf(globalThis, globalThis), () => RegExp.prototype.exec.call(1)];
for (const attempt of tries) { try { attempt(); } catch (error) { caught.push(error); } }
for (const error of caught) contained(error);
caught.length > 20 ? 'contained' : `only ${caught.length} errors`;
