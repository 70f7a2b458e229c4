// attack: calls a binding with a hundred thousand arguments
// expect: ok
// layer: worker
(async () => { try { await echo(...new Array(50000).fill(0)); } catch (error) { if (!(error instanceof Error)) return 'ESCAPED'; } return 'contained'; })();
