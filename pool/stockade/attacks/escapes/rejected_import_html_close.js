// attack: hides the bracket of an import behind the closing kind of HTML-like comment
// expect: syntax
// layer: worker
// uses: probe
(async () => { try { await import
  --> nothing to see
  ('nothing'); } catch (error) { return contained(error); } })();
