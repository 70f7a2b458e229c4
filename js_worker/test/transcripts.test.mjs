// The golden transcripts of protocol/, as the worker's side speaks them.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { compiled, startWorker } from './worker.mjs';

const FOLDER = new URL('../../protocol/transcripts/', import.meta.url);
const VERSION = process.version.slice(1);

for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.txt'))) {
  for (const from of ['its files', 'compiled code']) {
    test(`the worker, started from ${from}, speaks the transcript ${name} to the letter`, async () => {
      const worker = startWorker('context', from === 'compiled code' ? { code: compiled() } : {});
      for (const line of readFileSync(new URL(name, FOLDER), 'utf8').split('\n')) {
        if (line.startsWith('> ')) worker.write(line.slice(2));
        else if (line.startsWith('< ')) assert.equal(await worker.line(), line.slice(2).replace('"NODE"', `"${VERSION}"`));
      }
      const ended = worker.close();
      assert.equal(await worker.line(), null);
      assert.equal(await ended, 0);
    });
  }
}
