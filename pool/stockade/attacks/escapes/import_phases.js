// attack: imports with the phases that newer engines know: a source, or deferred
// expect: syntax
// layer: worker
import.source('node:fs');
