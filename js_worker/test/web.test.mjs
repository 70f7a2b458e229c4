// The names of the web platform, held against Node's own for the same expressions.

import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Script } from 'node:vm';

import { MOST_GROWTH, run, startWorker, timesAsLong } from './worker.mjs';

/** @type {ReturnType<typeof startWorker>} */
let worker;
before(async () => {
  worker = startWorker('context');
  await worker.line();
});
after(() => worker.close());

const PARTS = '(u) => [u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash]';
const BASES = ['http://example.org/a/b?c#d', 'file:///x/y', 'file:///C:/x/y', 'file:///C:', 'mailto:me@example.org', 'custom://host/p/q'];
const URLS = [
  'http://example.com', 'https://User:Pa%20ss@EXAMPLE.com:443/a/../b/./c?x=1&y=ä#frag ment', 'HTTP://example.com:8080', 'http://a.b/?', 'http://a.b/#', 'http:///x', '//other/p', '/abs', 'rel/x', '../up', './', '?q', '#h', '', '.', '..',
  'http://ex ample.com', 'http://exa%41mple.com', 'http://münchen.de/ä', 'http://日本語.jp', 'http://[::1]:80/', 'http://[2001:db8:0:0:1:0:0:1]', 'http://[1:2:3:4:5:6:7:8]', 'http://[::ffff:1.2.3.4]', 'http://[1::2::3]', 'http://[zz]',
  'http://127.1', 'http://0x7f.1', 'http://256.1.1.1', 'http://1.2.3.4.5', 'http://01.02.03.04', 'http://4294967296', 'http://a.1', 'http://x:99999', 'http://x:0080', 'http://x:a', 'http://@x', 'http://u@x', 'http://u:@x', 'http://a@b@c',
  'file:/a//b', 'file:///C:/..', 'file:///C|/x/..', 'file://c:/x', 'file://c|', 'file:c:/y', 'C|/z', '/D:/z', 'file:////c:/x', 'file://h/C:/../..', 'file:///ab:/..', 'file:../../..', 'blob:http://a/b', 'blob:https://a:443/b', 'blob:ftp://a', 'blob:x', 'http://[::01.2.3.4]', 'http://[::1.2.3.4]',
  'file:///C:/x', 'file://host/p', 'file:/p', 'mailto:a@b', 'data:text/plain,hi there', 'javascript:alert(1)', 'custom:opaque path', 'custom://h/p/../q', 'custom:/p/./q', 'ws://x:80', 'wss://x/p', 'ftp://f:21/', 'http:\\\\x\\y', 'http:/x', 'http:x', '  http://x/  ', 'ht\ntp://x', 'http://x/%zz%41', 'http://x/a|b{c}"<>`', 'http://x/?a=\'"<>`{}|', 'http://x/#`<>"', 'no scheme', '1http://x', ':x', 'http://', 'http://?x', 'http://a/b c', 'http://a/%2e%2E/b', 'http://a/..', 'http://a/b/..', 'http://a/b/.', 'http://.', 'http://a..b',
];

test('a URL has the parts that Node finds in it', async () => {
  const script = `const parts = ${PARTS}; const all = []; for (const base of [undefined, ...${JSON.stringify(BASES)}]) for (const url of ${JSON.stringify(URLS)}) { try { all.push([url, base, parts(new URL(url, base))]) } catch (e) { all.push([url, base, e.message]) } } JSON.stringify(all)`;
  const ours = JSON.parse((await run(worker, script)).ending.value);
  const theirs = JSON.parse(new Script(`{ ${script} }`).runInThisContext());
  const differ = ours.filter((/** @type {any} */ one, /** @type {number} */ i) => JSON.stringify(one) !== JSON.stringify(theirs[i])).map((/** @type {any} */ one) => [one, theirs[ours.indexOf(one)][2]]);
  assert.deepEqual(differ, []);
});

/** Expressions whose JSON must be the same here and in Node. */
const SAME = [
  "(() => { const u = new URL('http://x/p?a=1#h'); u.port = '81'; u.hash = 'n w'; u.search = 'q=ü'; u.pathname = '/a b/../c'; u.username = 'me:'; u.password = 'p'; u.hostname = 'Y.z'; u.protocol = 'https'; u.host = 'w:9'; return u.href })()",
  ...["hostname = '[::1]'", "hostname = 'a:9'", "hostname = 'y?q'", "host = 'a@b'", "host = '[::2]:3'", "host = 'y\\n:4'", "protocol = 'file'", "protocol = 'ftp:x'", "search = 'a\\nb'", "hash = 'a\\tb'", "pathname = 'p\\rq/../r'", "port = '8\\n1'", "username = 'a\\tb'"]
    .map((set) => `(() => { const u = new URL('http://x:81/p'); const f = new URL('file:///C:/p'); u.${set}; f.${set}; return [u.href, f.href] })()`),
  "['///x', '////x/y', '\\\\\\\\x', '///'].map((text) => [URL.parse(text, 'http://a/b')?.href, URL.parse(text, 's3://a/b')?.href])", "['http://a/b?q', 's3://a/b?q', 's3:/b'].map((text) => { const u = new URL(text); u.pathname = ''; return u.href })",
  "['http://{a}.b/', 'http://a`b/', 'ws:{y}', 'file://{y}/', 'http://a|b/', 's3://u@/x', 's3://:80/x', 's3://u:p@:0', 's3://@', 's3://u@h:0/', 's3://', 's3:///x'].map((text) => URL.parse(text)?.href)",
  "(() => { const u = new URL('http://x/?a=1&b=2&a=3'); u.searchParams.append('c', 'd e&f'); u.searchParams.delete('b'); u.searchParams.set('a', 'z'); u.searchParams.sort(); return [u.href, [...u.searchParams], u.searchParams.get('c'), u.searchParams.getAll('a'), u.searchParams.has('q'), u.searchParams.size] })()",
  "[...new URLSearchParams({ a: 1, b: 'x y' })]", "new URLSearchParams([['a', 'b'], ['c', '~!*()\\'é']]).toString()", "[...new URLSearchParams('?a=%zz&b=%C3%A4+c&%FF=1&&d').entries()]", 'URL.canParse("x")', 'JSON.stringify({ u: new URL("http://x") })', "Object.fromEntries(new URLSearchParams('k=v'))",
  "(() => { const u = new URL('http://x/?a=1'); const p = u.searchParams; u.search = '?b=2'; const then = [...p]; p.append('c', 3); u.hash = 'h'; const now = u.href; u.href = 'http://y/?d=4'; return [then, now, [...p], p === u.searchParams, u.search] })()",
  "(() => { const u = new URL('http://x/?a=1#h'); u.searchParams.delete('a'); const none = u.href; u.searchParams.append('é', '~'); u.pathname = '/p'; return [none, u.search, u.href, u.toJSON()] })()",
  "(() => { const p = new URLSearchParams('a=1&b=2&c=3'); const seen = []; for (const [k] of p) { seen.push(k); if (seen.length < 4) p.append(`n${seen.length}`, ''); if (k === 'a') p.delete('b') } return [seen, `${p}`] })()",
  "`${new URLSearchParams({ a: undefined, b: null, c: [1, 2] })}&${new URLSearchParams([['d', undefined]])}`", "[[['a']], [['a', 'b', 'c']], ['ab']].map((init) => { try { return new URLSearchParams(init).size } catch (e) { return e.name } })",
  "(() => { const p = new URLSearchParams('c=1&a=2&b=3&a=1'); const out = []; p.sort(); out.push(`${p}`, p.has('a', '1'), p.has('a', 3), p.has('z'), p.get('z'), [...p.keys()], [...p.values()]); p.delete('a', '1'); p.delete('c', 9); p.set('n', 4); p.forEach(function (v, k, all) { out.push(v + k + this.x, all === p) }, { x: 7 }); return out })()",
  "['82', '', '80', '8x', 'x', '99999', '\\n83', '65535', '65536', '00085'].map((port) => ['http://x:81/p', 'ws://x/', 's3://x', 'file://x/', 's3:x'].map((text) => { const u = new URL(text); u.port = port; u.username = 'n'; u.password = 'p'; return u.href }))",
  "['y', 'y:', 'y:80', 'y:82/z', '', 'y:x', 'y:84x', '[::1]:85', '[::1]x', '[::1', 'y:99999', 'y\\\\z', 'y\\\\z:9', '@', 'y:8@z', '/', 'y#:9', 'localhost', 'C:'].map((host) => ['http://x:81/p', 's3://x:81/p', 's3://x/p', 's3://u@x/p', 'file://h/p', 'file:///C:/p', 's3:p'].map((text) => { const [u, v] = [new URL(text), new URL(text)]; u.host = host; v.hostname = host; return [u.href, v.href] }))",
  "(() => { const u = new URL('s3:/p'); u.host = 'y'; return u.href })()",
  "['0', '0x', '0x.1', '1.2.3', '1.2.65535', '1.2.65536', '255.255.255.255', '4294967295', '08', '0777', '1.2.3.4.', '1.2.3.4..', '1.2.3.4.0', '.1', '1..2', 'a.0x', 'a.09', '1e3', '256.1', '1.256.1', '1.2.3.256', '0xffffffff', '%31', 'a%00', 'a%2fb', 'a%zz', '%c3', 'a b', 'a|b', 'a\\x7f', 'a_b', 'a\"b', 'a`b', 'ü.b', 'x:65535', 'x:65536', 'localhost'].map((host) => ['http', 's3', 'file'].map((scheme) => URL.parse(`${scheme}://${host}/`)?.href))",
  "['::', '1::', '1:0:0:2:0:0:0:3', '0:0:1:0:0:1:0:0', '1:0:2:0:3:0:4:0', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '::1:2:3:4:5:6:7', '1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:8::', '1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:7:1.2.3.4', '::256.1.1.1', '::1.256.1.1', '1:2:3:4::5:6:7:8::9', '::255.255.255.255', '12345::', 'FFFF::ABCD', ':1', '1:', '', ':::', '::1%25eth', '0:0::0:0'].map((host) => URL.parse(`http://[${host}]/`)?.host)",
  "(() => { const bytes = new Uint8Array(new Uint16Array([0x61, 0xd83d, 0xde00, 0xd800, 0x62, 0xdc00, 0xd83d, 0xde00, 0xd83d]).buffer); return Array.from(bytes, (_, i) => { const d = new TextDecoder('utf-16le'); return [d.decode(bytes.subarray(0, i), { stream: true }), d.decode(bytes.subarray(i), { stream: true }), d.decode()] }) })()",
  "(() => { const bytes = new TextEncoder().encode('\\ufeffa\\ufeff😀'); return Array.from(bytes, (_, i) => [true, false].map((ignoreBOM) => { const d = new TextDecoder('utf-8', { ignoreBOM }); return [d.decode(bytes.subarray(0, i), { stream: true }), d.decode(bytes.subarray(i), { stream: true }), d.decode(), d.decode(bytes)].map((text) => [...text].map((one) => one.codePointAt(0))) })) })()",
  "Array.from({ length: 12 }, (_, n) => { const b = new Uint8Array(n); return [new TextEncoder().encodeInto('\\x7f\\x80\\u07ff\\u0800\\uffff\\u{10000}', b), [...b]] })", "[...new TextEncoder().encode('\\u{10ffff}\\ud7ff\\ue000\\udfff\\udc00\\ud800')]",
  "(() => { const d = new TextDecoder('utf-8', { fatal: true }); return [[0xff], [0xe2, 0x82], [0x61]].map((bytes, i) => { try { return d.decode(new Uint8Array(bytes), { stream: i < 2 }) } catch (e) { return e.name } }) })()",
  "[[0x80, 0x80, 0x41], [0xbf, 0xbf, 0xbf], [0x90, 0x80, 0x80], [0xa0, 0x80], [0x9f, 0xbf], [0x8f, 0xbf, 0xbf], [0x80, 0xf0, 0x90], [0xff, 0x41], [0xc0], [0x7f], []].map((rest) => Array.from({ length: 256 }, (_, first) => { const d = new TextDecoder(); return [d.decode(new Uint8Array([first, ...rest]), { stream: true }), d.decode()] }))",
  "['münchen', 'a.ü.b', '日本語', 'straße', 'ü'.repeat(10), 'aü'.repeat(20), 'b☃é漢'.repeat(6), '😀', 'a'.repeat(40) + 'ü', 'é漢'].map((host) => URL.parse(`http://${host}/`)?.host)",
  "[[0x61, 0], [0x61], [0, 0xd8], [0, 0xdc, 0x61, 0], [0, 0xd8, 0, 0xdc], [1, 2, 3]].map((bytes) => { try { return new TextDecoder('utf-16le', { fatal: true }).decode(new Uint8Array(bytes)) } catch (e) { return e.name } })", "['\\xff', '\\u0100'].map((text) => { try { return btoa(text) } catch (e) { return e.name } })",
  "[...new TextEncoder().encode('aä€😀\\ud800')]", "new TextEncoder().encodeInto('aä😀', new Uint8Array(4))", "new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0x80, 0xf0, 0x9f]))",
  "(() => { const d = new TextDecoder(); return d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) + d.decode(new Uint8Array([0xac]), { stream: true }) + d.decode() })()", "new TextDecoder('utf-16le').decode(new Uint8Array([0x61, 0, 0x3d, 0xd8, 0, 0xde]))", "(() => { try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])) } catch (e) { return e.name } })()",
  "['abc', [104], null, {}, 5].map((x) => { try { return new TextDecoder().decode(x) } catch (e) { return e.name } })", "[[], new Uint16Array(2), { length: 5 }].map((x) => { try { return new TextEncoder().encodeInto('abc', x) } catch (e) { return e.name } })",
  "(() => { try { return new TextDecoder('unicode-1-1-utf-8', { fatal: 1 }).decode(new Uint8Array([255])) } catch (e) { return e.name } })()", "new TextDecoder('utf-8', { ignoreBOM: 1 }).decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])).length", "(() => { const d = new TextDecoder(); return d.decode(new Uint8Array([0xe2, 0x82]).buffer, { stream: 1 }) + d.decode(new DataView(new Uint8Array([0xac]).buffer), null) })()",
  "['', 'a', 'ab', 'abc', '\\xff\\x00'].map(btoa)", "['', 'YQ==', 'YWI', ' Y W J j\\n'].map(atob)", "(() => { try { atob('*') } catch (e) { return [e.name, e.code, e instanceof DOMException, e instanceof Error] } })()", "(() => { try { btoa('ä€') } catch (e) { return e.name } })()",
  "(() => { const o = { d: new Date(5), r: /x/g, m: new Map([[{ a: 1 }, new Set([1])]]), n: null, u: undefined, b: 1n + '', t: new Uint8Array([1, 2]), e: new RangeError('x') }; o.self = o; const c = structuredClone(o); return [c !== o, c.self === c, c.d instanceof Date, +c.d, String(c.r), [...c.m][0][0].a, [...[...c.m][0][1]], c.t instanceof Uint8Array, [...c.t], c.e instanceof RangeError, c.e.message] })()",
  "[() => 1, Symbol(), new WeakMap()].map((x) => { try { structuredClone(x) } catch (e) { return [e.name, e.code] } })", "(() => { class A { x = 1; get y() { return 2 } } const c = structuredClone(new A()); return [c.constructor === Object, c] })()", 'structuredClone([1, , 3]).length',
  "[new Number(5), new String('ab'), new Boolean(false)].map((x) => { const c = structuredClone(x); return [typeof c, c.valueOf(), Object.keys(c)] })", "[new URL('http://x'), new URLSearchParams(), new WeakSet()].map((x) => { try { return structuredClone(x) } catch (e) { return e.name } })",
  "(() => { const e = new TypeError('x', { cause: 1 }); e.extra = 1; const c = structuredClone(e); const p = structuredClone(JSON.parse('{\"__proto__\": 1}')); return [c.stack === e.stack, Object.keys(c), c.cause, Object.keys(p), Object.getPrototypeOf(p) === Object.prototype] })()",
  "(() => { const b = new ArrayBuffer(8); const c = structuredClone({ a: new Uint16Array(b, 2, 1), d: new DataView(b, 1, 4), b }); return [c.a.buffer === c.b, c.d.buffer === c.b, c.a.byteOffset, c.a.length, c.d.byteOffset, c.d.byteLength, structuredClone(Object.assign(new Date(5), { getTime: () => 6 })).getTime()] })()",
  "(() => { const e = new Error('x'); e.cause = { e }; const c = structuredClone(e); return [c !== e, c.cause.e === c, Object.getOwnPropertyNames(structuredClone(new Error())), structuredClone(new DOMException('m', 'AbortError')).code] })()",
  "[new Proxy({}, {}), new Proxy([], {}), Object(Symbol()), Promise.resolve(), { a: [() => 1] }].map((x) => { try { return structuredClone(x) } catch (e) { return e.name } })",
  "[structuredClone(new (class U extends Uint8Array {})(2)).constructor.name, structuredClone(new DataView(new ArrayBuffer(4), 1)).byteLength, typeof structuredClone(Object(5n)).valueOf(), structuredClone(Object.create(null)), structuredClone(new (class extends Map {})([[1, 2]])).size]",
  "(() => { const c = new AbortController(); const log = []; c.signal.onabort = () => log.push('on'); c.signal.addEventListener('abort', () => log.push('listener'), { once: true }); c.abort(); c.abort('again'); return [log, c.signal.aborted, c.signal.reason.name] })()", "(() => { try { AbortSignal.abort('why').throwIfAborted() } catch (e) { return e } })()",
  "(() => { const a = new AbortController(); const any = AbortSignal.any([a.signal, new AbortController().signal]); a.abort(7); return [any.aborted, any.reason] })()", "(() => { const t = new EventTarget(); const seen = []; const f = (e) => { seen.push(e.type, e.target === t); e.preventDefault() }; t.addEventListener('x', f); t.addEventListener('x', f); t.addEventListener('x', { handleEvent: () => seen.push('object') }); const held = t.dispatchEvent(new Event('x', { cancelable: true })); t.removeEventListener('x', f); t.dispatchEvent(new Event('x')); return [seen, held] })()",
  "(() => { class Store extends EventTarget { n = 0; onchange() { this.n += 10 } } const s = new Store(); s.addEventListener('change', () => { s.n += 1 }); s.dispatchEvent(new Event('change')); return s.n })()",
  "(() => { const t = new EventTarget(); const seen = []; const late = () => seen.push('late'); t.addEventListener('x', () => { seen.push('first'); t.removeEventListener('x', late); t.addEventListener('x', () => seen.push('added')) }); t.addEventListener('x', late); t.dispatchEvent(new Event('x')); return seen })()",
  "(() => { const t = new EventTarget(); const seen = []; const f = (e) => { seen.push(e.eventPhase, e.composedPath()[0] === t, e.currentTarget === t); e.stopImmediatePropagation() }; t.addEventListener(1, f, { capture: true }); t.addEventListener('1', f); const e = new Event('1', { bubbles: true, composed: 1 }); t.dispatchEvent(e); t.removeEventListener('1', f, true); return [seen, e.currentTarget, e.target === t, e.eventPhase, e.bubbles, e.composed, e.composedPath()] })()",
  "[() => new Event(), () => new EventTarget().dispatchEvent({ type: 'x' }), () => new EventTarget().dispatchEvent(), () => new EventTarget().addEventListener('x', 5), () => AbortSignal.timeout(), () => AbortSignal.timeout(-1), () => new Event('x', null).type].map((f) => { try { return f() } catch (e) { return e.name } })",
  "(() => { const c = new AbortController(); const log = []; const first = () => log.push(1); c.signal.onabort = first; c.signal.onabort = () => log.push(2); c.abort(); return [log, typeof c.signal.onabort, JSON.stringify([c, c.signal, new Event('x')]), (() => { try { return ((c) => { 'use strict'; c.signal = 1 })(c) } catch (e) { return e.name } })()] })()",
  "(() => { const t = new EventTarget(); const seen = []; t.addEventListener('x', (e) => { e.preventDefault(); seen.push('once', e.defaultPrevented) }, { once: true }); t.addEventListener('x', () => seen.push('each')); const first = t.dispatchEvent(new Event('x', { cancelable: true })); t.addEventListener('x', (e) => e.preventDefault()); return [seen, first, t.dispatchEvent(new Event('x')), seen.length] })()",
  "(() => { const t = new EventTarget(); const c = new AbortController(); const seen = []; t.addEventListener('x', () => seen.push('until'), { signal: c.signal }); t.addEventListener('x', () => seen.push('never'), { signal: AbortSignal.abort() }); t.dispatchEvent(new Event('x')); c.abort(); t.dispatchEvent(new Event('x')); return seen })()",
  "(() => { const t = new EventTarget(); let n = 0; const f = () => { n += 1 }; const seen = () => { t.dispatchEvent(new Event('x')); return n }; t.addEventListener('x', f, { capture: true }); t.addEventListener('x', f, { capture: false }); t.addEventListener('x', f, true); const both = seen(); t.removeEventListener('x', f, null); const one = seen(); t.removeEventListener('x', f, { capture: true }); const none = seen(); t.addEventListener('x', f); return [both, one, none, seen()] })()",
  "(() => { const e = new Event('x', { cancelable: true }); const seen = [e.returnValue, e.cancelBubble]; e.returnValue = true; e.cancelBubble = false; seen.push(e.returnValue, e.cancelBubble); e.cancelBubble = true; const s = new Event('s'); s.stopPropagation(); return [seen, e.returnValue, e.cancelBubble, e.defaultPrevented, s.cancelBubble, Object.prototype.toString.call(new CustomEvent('c')), new CustomEvent('c').detail, 'stateOf' in Event] })()",
  "[() => new EventTarget().dispatchEvent(null), () => new EventTarget().dispatchEvent(5), () => new AbortSignal(), () => AbortSignal.timeout(0).aborted, () => { const { signal } = new AbortController(); signal.onabort = () => 1; signal.onabort = null; return [signal.throwIfAborted(), signal.onabort] }, () => { const any = AbortSignal.any([new AbortController().signal, AbortSignal.abort(3), AbortSignal.abort(4)]); return [any.aborted, any.reason] }, () => new DOMException('m', null).name].map((f) => { try { return f() } catch (e) { return e.name } })",
  "['NotFoundError', 'SyntaxError', 'AbortError', 'Other', 'InvalidStateError', 'DataCloneError', '.'].map((name) => new DOMException('m', name).code)", "(() => { const e = new DOMException('m', { name: 'N', cause: 5 }); return [e.name, e.cause, e.message, 'cause' in new DOMException('m', 'N')] })()",
  "new CustomEvent('c', { detail: 5 }).detail", "typeof performance.now() + (performance.now() <= performance.now())", "(() => { const a = crypto.getRandomValues(new Uint8Array(100)); return [a.length, new Set(a).size > 50, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()), crypto.randomUUID() !== crypto.randomUUID()] })()",
  "(() => { try { crypto.getRandomValues(new Uint8Array(70000)) } catch (e) { return e.name } })()", "[new DataView(new ArrayBuffer(8)), new (globalThis.Float16Array ?? Float32Array)(1), new Float64Array(1), [], 'x'].map((view) => { try { crypto.getRandomValues(view) } catch (e) { return e instanceof Error } })", 'new Intl.NumberFormat("de-DE").format(1234.5)',
];

for (const expression of SAME) {
  test(`${expression.slice(0, 100)} is what it is in Node`, async () => {
    const { ending } = await run(worker, `JSON.stringify(${expression})`, {}, { seed: '00112233445566778899aabbccddeeff'.repeat(2) });
    assert.equal(ending.value, new Script(`JSON.stringify(${expression})`).runInThisContext(), JSON.stringify(ending));
  });
}

test('the random bytes are those of ChaCha20', async () => {
  // RFC 8439, appendix A.1, test vectors 1 and 2: key, nonce and first counter all zero.
  const { ending } = await run(worker, '[...crypto.getRandomValues(new Uint8Array(68))].map((b) => b.toString(16).padStart(2, "0")).join("")', {}, { seed: '0'.repeat(64) });
  assert.equal(ending.value, '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee65869f07e7be');
});

test('the random bytes of a run are those of its own key', async () => {
  const seed = '00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210';
  // Words of the key are read with their lowest byte first, as RFC 8439 has it.
  const stream = createCipheriv('chacha20', Buffer.from(seed, 'hex').swap32(), Buffer.alloc(16)).update(Buffer.alloc(200));
  const { ending } = await run(worker, 'const all = new Uint8Array(200); for (let i = 0; i < 200; i += 50) crypto.getRandomValues(all.subarray(i, i + 50)); [...all]', {}, { seed });
  assert.deepEqual(ending.value, [...stream]);
});

test('without entropy there is no crypto, rather than a bad one', async () => {
  assert.match((await run(worker, 'crypto.randomUUID()')).ending.message, /no entropy/);
});

test('the names of the web are made once, and a script may have its own', async () => {
  const { ending } = await run(worker, 'const TextEncoder = 1; globalThis.atob = 2; function btoa() { return 3 } [TextEncoder, atob, btoa(), URL === URL, Object.keys(globalThis).filter((k) => k !== "btoa")]');
  assert.deepEqual(ending.value, [1, 2, 3, true, []]);
});

test('what a URL is given one by one takes time that grows with it, not faster', async () => {
  const given = async (/** @type {number} */ n) => {
    const { ending } = await run(worker, `const { searchParams: p } = new URL('http://x'); for (let i = 0; i < ${n}; i += 1) p.append('k', i); p.size`);
    assert.equal(ending.value, n);
  };
  assert.ok(await timesAsLong(() => given(32_000), () => given(4_000)) < MOST_GROWTH);
});

test('an object that is cloned is not asked for each kind that it is not', async () => {
  const cloned = async (/** @type {string} */ row) => {
    const { ending } = await run(worker, `class Row { id = 1 } structuredClone(Array.from({ length: 20000 }, (_, id) => ${row})).length`);
    assert.equal(ending.value, 20_000);
  };
  for (const row of ['new Row()', '({ id })']) assert.ok(await timesAsLong(() => cloned(row), () => cloned('[id]')) < 5);
});

test('the functions of the web have their names', async () => {
  const names = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask', 'structuredClone', 'atob', 'btoa'];
  assert.deepEqual((await run(worker, `[${names.join()}].map((one) => one.name)`)).ending.value, names);
});
