// What stands in every context beside the language itself; the compiler need not know more of it. See docs/javascript.md.

declare var console: Record<string, (...told: any[]) => void>;
declare function setTimeout(callback: (...args: any[]) => void, ms?: number, ...args: any[]): any;
declare function setInterval(callback: (...args: any[]) => void, ms?: number, ...args: any[]): any;
declare function setImmediate(callback: (...args: any[]) => void, ...args: any[]): any;
declare function clearTimeout(timer?: any): void;
declare function clearInterval(timer?: any): void;
declare function clearImmediate(timer?: any): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T): T;
declare function atob(text: string): string;
declare function btoa(text: string): string;
declare var crypto: any, performance: any;
declare var module: { exports: any }, exports: any;

declare var URL: any, URLSearchParams: any, TextEncoder: any, TextDecoder: any;
type URL = any;
type URLSearchParams = any;
type TextEncoder = any;
type TextDecoder = any;

declare var AbortController: any, AbortSignal: any, EventTarget: any, Event: any, CustomEvent: any, DOMException: any;
type AbortController = any;
type AbortSignal = any;
type EventTarget = any;
type Event = any;
type CustomEvent = any;
type DOMException = any;

// Scripts give errors fields of their own, and those that bindings raise have some.
interface Error {
  [field: string]: any;
}

// V8 has them; TypeScript's library does not, or not yet.
interface ErrorConstructor {
  captureStackTrace(target: object, above?: Function): void;
  stackTraceLimit: number;
}
interface Math {
  sumPrecise(numbers: Iterable<number>): number;
}
