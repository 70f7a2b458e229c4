"""One module a peer. Imported by name, in the peer's own process: no two of them share one."""

MODULES = {
    "stockade": "stockade_pool",
    "context": "stockade_pool",
    "pydeno": "pydeno_pool",
    "pydeno tuned": "pydeno_pool",
    "node": "programs",
    "deno eval": "programs",
    "denobox": "denobox_box",
    "mini-racer": "mini_racer_context",
    "jsbox": "jsbox_runtime",
    "quickjs": "quickjs_context",
    "quickjs-rs": "quickjs_rs_context",
    "pebble": "pebble_pool",
    "pebble fresh": "pebble_pool",
}
NAMES = tuple(MODULES)
