// attack: settles the promise of a binding by itself and waits for what the real answer does
// expect: ok
(async () => {
  const pending = echo('real');
  for (const name of ['resolve', 'reject', 'settle', 'deliver', 'emit', 'bridge', 'send', 'fail']) if (typeof pending[name] === 'function' || typeof globalThis[name] === 'function') return `ESCAPED: ${name}`;
  pending.resolve = pending.value = 'forged';
  return (await pending) === 'real' ? 'contained' : 'ESCAPED: forged';
})();
