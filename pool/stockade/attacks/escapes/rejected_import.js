// attack: imports what does not exist, for the host's error
// expect: syntax
// layer: worker
(async () => { try { await import('nothing'); } catch (error) { return error.constructor.constructor('return process')().pid; } })();
