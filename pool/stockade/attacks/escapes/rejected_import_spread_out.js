// attack: hides the bracket of an import behind lines and comments
// expect: syntax
// layer: worker
(async () => { try { await import /* ( */
  // not yet
  ('nothing'); } catch (error) { return error.constructor('return process')().pid; } })();
