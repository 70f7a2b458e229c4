// attack: declares an import as a module does, with every new form
// expect: syntax
// layer: worker
import defer * as fs from 'node:fs';
import source wasm from './x.wasm';
export { fs, wasm };
