// attack: writes the word import with escapes and odd line ends around it
// expect: syntax
// layer: worker
\u0069mport/**/ ('node:fs');
