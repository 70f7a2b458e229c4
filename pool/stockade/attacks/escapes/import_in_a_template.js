// attack: hides an import in what a template substitutes
// expect: syntax
// layer: worker
`${import('node:fs')}`;
