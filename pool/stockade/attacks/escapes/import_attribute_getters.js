// attack: lets the attributes of an import run code while Node reads them
// expect: syntax
// layer: worker
import('x', { get with() { throw new Error('mine'); } });
