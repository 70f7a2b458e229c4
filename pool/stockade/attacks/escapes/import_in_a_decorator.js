// attack: hides an import in a decorator, which not every parser knows
// expect: syntax
// layer: worker
class A { @(import('node:fs')) m() {} }
