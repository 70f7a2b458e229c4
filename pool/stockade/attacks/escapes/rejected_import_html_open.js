// attack: hides the bracket of an import behind an HTML-like comment, which a scan for brackets does not know
// expect: syntax
// layer: worker
// uses: probe
(async () => { try { await import <!-- nothing to see
  ('nothing'); } catch (error) { return contained(error); } })();
