"""Names a binding may not take, because a script already means something by them."""

from __future__ import annotations

_SYNTAX = """
    arguments async await break case catch class const continue debugger default delete do else enum eval export
    extends false finally for function get if implements import in instanceof interface let new null of package
    private protected public return set static super switch this throw true try typeof undefined var void while
    with yield Infinity NaN
"""

# Every global of the context on Node 22 and 24, and the names of the web platform a script may expect one day.
_GLOBALS = """
    globalThis Object Function Array Number parseFloat parseInt Boolean String Symbol Date Promise RegExp Error
    AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError JSON Math Intl
    ArrayBuffer SharedArrayBuffer Atomics Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array
    Float16Array Float32Array Float64Array Uint8ClampedArray BigUint64Array BigInt64Array DataView Map BigInt Set
    WeakMap WeakSet WeakRef FinalizationRegistry Proxy Reflect Iterator DisposableStack AsyncDisposableStack
    WebAssembly Temporal ShadowRealm decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape
    isFinite isNaN
    console setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask
    structuredClone TextEncoder TextDecoder URL URLSearchParams atob btoa crypto performance AbortController
    AbortSignal EventTarget Event
    CustomEvent DOMException fetch require module exports process Buffer global window self document alert
    searchApi describeApi
"""

SYNTAX_NAMES = frozenset(_SYNTAX.split())

RESERVED_NAMES = SYNTAX_NAMES | frozenset(_GLOBALS.split())

# Of TypeScript's own types. Where a model has such a name the compiler makes one type of both, or refuses them.
_TYPES = """
    any bigint boolean never number object string symbol unknown
    Awaited Capitalize Exclude Extract InstanceType Lowercase NonNullable Omit Parameters Partial Pick PropertyKey
    Readonly Record Required ReturnType ThisType Uncapitalize Uppercase
    ArrayLike AsyncGenerator AsyncIterable AsyncIterator Disposable Generator Iterable IteratorResult PromiseLike
    PropertyDescriptor
"""

TYPE_NAMES = RESERVED_NAMES | frozenset(_TYPES.split())
