/** The one host function of a context: takes primitives, gives nothing. */
declare const emit: (kind: number, a?: unknown, b?: unknown, c?: unknown) => void;
/** What web/ makes, put together by realm.cjs. */
declare const makeWeb: () => any;
