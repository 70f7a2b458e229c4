// What a script can get hold of, by every means we know: nothing that leads to a compiler, nothing of the host to change.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { FLAGS, MAIN } from './worker.mjs';

const PROGRAM = fileURLToPath(new URL('./audit/program.mjs', import.meta.url));

const { stdout, stderr, status } = spawnSync(process.execPath, [...FLAGS, PROGRAM], { env: {}, encoding: 'utf8', maxBuffer: 1 << 26 });
assert.equal(status, 0, stderr);
const report = JSON.parse(stdout);

test('a breadth-first walk from all that scripts can loot finds no compiler and nothing of the host to change', () => {
  assert.ok(report.walked > 1500, `only ${report.walked} objects walked`);
  assert.ok(report.looted > 1000, `only ${report.looted} objects looted`);
  assert.ok(report.emitted > 100, 'the bridge was not used at all');
  assert.equal(report.emit, false, 'the host function can be reached');
  assert.equal(report.compilers, 0, `a compiler can be reached: ${report.leaked}`);
  assert.deepEqual(report.writable, [], 'something of the host realm can be changed');
  assert.deepEqual(report.stacks, [], 'a stack shows a path or a frame that is not the script\'s');
});

// There was such a way once: an array that V8 made in the host realm for the trap of a proxy.
test('an object of the host realm, had a script got hold of one, would lead to no compiler and to nothing that can be changed', () => {
  assert.deepEqual(report.kin, []);
});

test('of what Node puts beside the language, the host realm keeps what the worker uses', () => {
  assert.deepEqual(report.ofNode, ['Buffer', 'TextDecoder', 'TextEncoder', 'URL', 'process', 'queueMicrotask', 'setImmediate']);
});

// Everything of the language on Node 22 and 24, less what is a way around the clock or the memory limit, and our own.
const LANGUAGE = `
  AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array BigUint64Array Boolean DataView Date DisposableStack
  Error EvalError Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map
  Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String SuppressedError Symbol SyntaxError
  TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet decodeURI decodeURIComponent encodeURI
  encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt undefined unescape`;
const OURS = `
  AbortController AbortSignal CustomEvent DOMException Event EventTarget TextDecoder TextEncoder URL URLSearchParams atob binding btoa
  clearImmediate clearInterval clearTimeout console crypto exports module performance queueMicrotask setImmediate setInterval
  setTimeout structuredClone`;

test('a context holds the names of the language, ours, and no others', () => {
  const known = new Set(`${LANGUAGE} ${OURS}`.split(/\s+/));
  assert.deepEqual(report.names.filter((/** @type {string} */ name) => !known.has(name)), []);
});

test('a worker whose realm could not be hardened is never ready', () => {
  const fails = `data:text/javascript,Object.freeze = () => { throw new Error('refused') }`;
  const { stdout, status: code } = spawnSync(process.execPath, [...FLAGS, '--import', fails, MAIN, 'process'], { env: {}, encoding: 'utf8' });
  assert.deepEqual([stdout, code], ['', 70]);
});
