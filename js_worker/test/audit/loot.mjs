// Scripts that gather objects a script is not meant to hold; each leaves what it got in `loot`.

/** Recurses with `args` arguments a frame until the stack is used up, and acts at each depth on the way back. */
const SWEEP = `
globalThis.sweep = (act, most = 40) => {
  const recurse = (...args) => {
    try { recurse(...args); } catch { /* the bottom */ }
    up += 1;
    if (up < 40 || (up < 600 && up % 10 === 0)) try { act(); } catch (error) { loot.push(error); }
  };
  let up = 0;
  for (let size = 0; size < most; size += 1) {
    up = 0;
    try { recurse(...Array(size).fill(size)); } catch (error) { loot.push(error); }
  }
};`;

export const LOOT = {
  start: `globalThis.loot = []; globalThis.kept = []; ${SWEEP}`,
  errors: `
    const tries = [
      () => null.x, () => undefinedName, () => { throw new Error('own'); }, () => eval('1'), () => Function('1'), () => new (async () => {}).constructor('1'),
      () => (function* () {}).constructor('1'), () => [].length = -1, () => 'x'.repeat(-1), () => (1).toFixed(1000), () => JSON.parse('{'), () => decodeURIComponent('%'),
      () => new RegExp('['), () => Symbol() + '', () => 1n + 1, () => new Proxy({}, null), () => Reflect.construct(1), () => class A extends null { constructor() { super(); } },
      () => new Intl.DateTimeFormat('xx-invalid-locale-name'), () => new Date(NaN).toISOString(), () => structuredClone(() => {}), () => atob('*'), () => new URL('x'),
      () => console.log.call(null, { get x() { throw 1; } }), () => setTimeout('code'), () => binding(Symbol()), () => setTimeout(() => {}, Symbol()),
    ];
    for (const each of tries) try { loot.push(each()); } catch (error) { loot.push(error); }`,
  'rejected import': "for (const name of ['x', 'fs', 'node:fs', '/', '', 'data:text/javascript,1']) import(name).then((m) => loot.push(m), (e) => loot.push(e)); loot.push(import('y'))",
  'import with odd names': "for (const name of [Symbol(), { toString() { throw loot; } }, { toString() { return {}; } }, null]) try { loot.push(import(name)); import(name).catch((e) => loot.push(e)); } catch (e) { loot.push(e); }",
  'import with attributes': "import('x', { with: { type: 'json' } }).catch((e) => loot.push(e)); import('x', { with: { type: Symbol() } }).catch((e) => loot.push(e)); import('x', 1).catch((e) => loot.push(e))",
  'symbol as name': 'for (const name of [Symbol(), {}, { toString: null }, 1n, null]) { const e = new Error(); e.name = name; try { loot.push(e.stack); } catch (x) { loot.push(x); } try { loot.push(String(e)); } catch (x) { loot.push(x); } }',
  'symbol as message': "for (const message of [Symbol(), { toString() { throw loot; } }]) { const e = new Error(); Object.defineProperty(e, 'message', { value: message }); try { loot.push(e.stack); } catch (x) { loot.push(x); } }",
  'name that throws': "const n = new Error(); Object.defineProperty(n, 'name', { get() { throw new Error('in name'); } }); try { loot.push(n.stack); } catch (x) { loot.push(x); }",
  'own prepareStackTrace': "try { 'use strict'; Error.prepareStackTrace = (e, s) => { loot.push(s); loot.push(...s); return s; }; } catch (e) { loot.push(e); } loot.push(new Error().stack, Error.prepareStackTrace)",
  'own Error': "try { globalThis.Error = class Error { static prepareStackTrace(e, s) { loot.push(s); } }; Object.defineProperty(globalThis, 'Error', { value: 1 }); } catch (e) { loot.push(e); } loot.push(new TypeError().stack)",
  'prepareStackTrace of subclasses': "class Sub extends Error { static prepareStackTrace(e, s) { loot.push(s); return s; } } loot.push(new Sub().stack); for (const C of [TypeError, RangeError, AggregateError]) { C.prepareStackTrace = (e, s) => { loot.push(s, ...s); return s; }; loot.push(new C([]).stack); }",
  'call sites by hand': "loot.push(Error.prepareStackTrace(new Error(), [{ getFileName() { loot.push(this); return 'script.js'; }, getLineNumber: () => 1, getColumnNumber: () => 1, getFunctionName: () => ({}), isAsync() {}, isConstructor() {} }]))",
  captureStackTrace: "const c = {}; Error.captureStackTrace(c); loot.push(c.stack, c); const d = Object.getOwnPropertyDescriptor(c, 'stack') ?? {}; loot.push(d.get, d.set); const f = Object.getOwnPropertyDescriptor(new Error(), 'stack') ?? {}; loot.push(f.get, f.set)",
  'overflow in the stack formatter': "sweep(() => loot.push(new Error('deep').stack))",
  'overflow in captureStackTrace': 'sweep(() => { const o = {}; Error.captureStackTrace(o); loot.push(o.stack); })',
  'overflow of its own, formatted': 'sweep(() => { try { (function f() { f(); })(); } catch (e) { loot.push(e, e.stack); } }, 6)',
  'overflow in console': "sweep(() => loot.push(console.log('x', { a: [1, new Map([[1, 2]])] })))",
  'overflow in a binding': 'sweep(() => loot.push(binding(1)))',
  'overflow in a timer': 'sweep(() => loot.push(setTimeout(() => {}, 1)))',
  'overflow in import': "sweep(() => { const p = import('x'); loot.push(p); p.catch((e) => loot.push(e)); }, 10)",
  'overflow in eval': "sweep(() => loot.push(eval('1')), 20); sweep(() => loot.push(Function('1')), 20)",
  'overflow in Intl and dates': "sweep(() => loot.push(new Intl.NumberFormat('de').format(1.5), new Date().toLocaleString()), 10)",
  'overflow in JSON': 'sweep(() => loot.push(JSON.parse(JSON.stringify({ a: [1] }))), 20)',
  'overflow in every global': `
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      // The last three use regular expressions, and V8 of Node 22 aborts when one is compiled at the end of the stack.
      if (['sweep', 'loot', 'kept', 'URL', 'URLSearchParams', 'atob'].includes(name)) continue;
      const value = globalThis[name];
      if (typeof value === 'function') sweep(() => { try { loot.push(value('x', 1)); } catch (e) { loot.push(e); } try { loot.push(new value('x', 1)); } catch (e) { loot.push(e); } }, 3);
    }`,
  'callers and callees': `
    function sloppy() { return [sloppy.caller, sloppy.arguments, arguments.callee, arguments]; }
    loot.push(...sloppy());
    const got = { toJSON() { loot.push(sloppy(), sloppy().flat?.()); return 1; } };
    console.log({ get a() { return sloppy(); } });
    binding(got).catch(() => {});
    setTimeout(sloppy, 1);`,
  'promises of ours': `
    const then = Promise.prototype.then;
    Promise.prototype.then = function (...args) { loot.push(this, ...args); return then.apply(this, args); };
    Object.defineProperty(Promise, Symbol.species, { value: function (run) { loot.push(run); run((x) => loot.push(x), (x) => loot.push(x)); } });
    loot.push(binding(1), (async () => { await binding(2); })());`,
  'patched prototypes': `
    for (const proto of [Object.prototype, Array.prototype]) for (const key of ['0', '1', 'value', 'get', 'then', 'toJSON', 'kind', 'entry', 'callback', 'constructor'])
      try { Object.defineProperty(proto, key, { configurable: true, get() { loot.push(this); return undefined; }, set(v) { loot.push(this, v); } }); } catch (e) { loot.push(e); }
    console.log({}, [1, 2], new Map([[{}, []]]));
    try { binding({ a: [1] }); setTimeout(() => {}, 5); new Error('x').stack; } catch (e) { loot.push(e); }
    for (const proto of [Object.prototype, Array.prototype]) for (const key of ['0', '1', 'value', 'get', 'then', 'toJSON', 'kind', 'entry', 'callback']) delete proto[key];`,
  'patched methods': `
    for (const C of [Array, String, Map, Set, Function, Object, Promise, RegExp, Number, Symbol, Date, JSON, Reflect]) for (const at of [C, C.prototype]) if (at) for (const key of Reflect.ownKeys(at)) {
      const d = Reflect.getOwnPropertyDescriptor(at, key);
      if (d && d.configurable && typeof d.value === 'function' && key !== 'constructor') kept.push([at, key, d]);
    }
    const { apply, defineProperty } = Reflect;
    for (let i = 0; i < kept.length; i++) { const k = kept[i]; const f = k[2].value; defineProperty(k[0], k[1], { __proto__: null, configurable: true, writable: true, value(...args) { loot[loot.length] = this; for (let j = 0; j < args.length; j++) loot[loot.length] = args[j]; return apply(f, this, args); } }); }
    try { console.log('%s %o', 1, { a: new Error('b') }, [new Date(), /x/g]); binding([1]); setTimeout(() => {}); new Error('z').stack; } catch (e) { loot[loot.length] = e; }
    for (let i = 0; i < kept.length; i++) defineProperty(kept[i][0], kept[i][1], kept[i][2]);`,
  // Node asks promises that are rejected for two properties, from its own realm.
  'promises that Node asks': `
    const given = (target) => new Proxy(() => target, { apply(f, self, args) { loot.push(self, args); args.length = 0; return f(); } });
    for (const handler of [{ get: given(undefined) }, { get: new Proxy(given(undefined), { apply(f, self, args) { loot.push(args); args.length = 0; return f(); } }) }]) {
      const asked = Promise.reject(1);
      Object.setPrototypeOf(asked, new Proxy({}, handler));
      Promise.prototype.then.call(asked, null, () => {});
    }
    let asked;
    const symbols = new Set();
    Object.setPrototypeOf(asked = Promise.reject(2), new Proxy({}, { get(t, key) { symbols.add(key); } }));
    Promise.prototype.then.call(asked, null, () => {});
    const late = Promise.reject(3);
    for (const key of symbols) Object.defineProperty(late, key, { get: given(undefined) });
    late.catch(() => {});`,
  'proxies of everything': `
    const seen = (target) => new Proxy(target, { get(t, k, r) { loot.push(t, r); return Reflect.get(t, k); }, apply(t, self, args) { loot.push(self, args); }, getPrototypeOf(t) { loot.push(t); return null; }, ownKeys(t) { loot.push(t); return Reflect.ownKeys(t); } });
    console.log(seen({}), seen([]), seen(() => 1), seen(new Error('p')));
    binding(seen({ a: 1 })).catch((e) => loot.push(e)); Promise.reject(seen(new Error('q')));`,
};

/** Walks inside the context, getters and calls included, so that no host code runs while it does. */
export const CRAWL = `
globalThis.found = new Set();
globalThis.stacks = [];
{
  const work = [];
  const isObject = (v) => (typeof v === 'object' && v !== null) || typeof v === 'function';
  const see = (v) => {
    if (typeof v === 'string' && v.includes('\\n    at ')) stacks.push(v);
    if (isObject(v) && !found.has(v) && v !== found && v !== stacks && v !== work && found.size < 60000) { found.add(v); work.push(v); }
  };
  // Not called: what never returns, ends the crawl, or only makes more of the same.
  const left = new Set([see, globalThis.sweep, Array.fromAsync, globalThis.binding, globalThis.setTimeout, globalThis.setInterval]);
  const quietly = (act) => { try { see(act()); } catch (e) { see(e); } };
  see(globalThis); see(loot);
  while (work.length > 0) {
    const v = work.pop();
    quietly(() => Reflect.getPrototypeOf(v));
    let keys = [];
    try { keys = Reflect.ownKeys(v); } catch (e) { see(e); }
    for (const key of keys) {
      let d;
      try { d = Reflect.getOwnPropertyDescriptor(v, key); } catch (e) { see(e); }
      if (d === undefined) continue;
      see(d.value); see(d.get); see(d.set);
      quietly(() => v[key]);
    }
    if (v instanceof Object === false || v instanceof Error) for (const key of ['constructor', 'stack', 'message', 'cause', 'caller', 'arguments', '__proto__']) quietly(() => v[key]);
    if (typeof v === 'function' && !left.has(v)) {
      for (const args of [[], [{}], ['a', 1], [Object, 'x']]) { quietly(() => Reflect.apply(v, undefined, args)); quietly(() => Reflect.apply(v, loot[0], args)); }
      quietly(() => Reflect.construct(v, []));
    }
  }
}`;
