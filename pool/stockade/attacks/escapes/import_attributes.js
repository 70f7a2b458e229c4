// attack: imports with attributes, which Node checks with code of its own
// expect: syntax
// layer: worker
import('node:fs', { with: { type: 'json' } });
