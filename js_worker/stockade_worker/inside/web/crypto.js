// crypto.getRandomValues and crypto.randomUUID. The supervisor sends 256 bits of entropy with each run as text;
// ChaCha20 (RFC 8439) makes as many bytes of them as a script asks for.

// As browsers have it.
const MAX_RANDOM_BYTES = 65_536;
const BLOCK_BYTES = 64;

const makeCrypto = () => {
  if (seed === '') throw new IntrinsicError('crypto has no entropy in this run');
  const state = new Uint32Array(16);
  // "expand 32-byte k", the key, a block counter, no nonce: each key serves one run.
  state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
  for (let i = 0; i < 8; i += 1) state[4 + i] = parseWhole(sliceText(seed, i * 8, i * 8 + 8), 16);
  seed = '';
  let block = new IntrinsicUint8Array(0);
  let used = 0;

  /** @param {Uint8Array} bytes */
  const fill = (bytes) => {
    for (let i = 0; i < bytes.length; i += 1) {
      if (used === block.length) {
        block = new IntrinsicUint8Array(nextBlock(state).buffer);
        used = 0;
      }
      bytes[i] = /** @type {number} */ (block[used]);
      // Used once, and then forgotten.
      block[used] = 0;
      used += 1;
    }
  };

  class Crypto {
    /** @param {any} view */
    getRandomValues(view) {
      const tag = typedTag(view);
      if (tag === undefined || indexOfText(tag, 'Float') === 0) throw new IntrinsicTypeError('getRandomValues fills an integer typed array');
      if (view.byteLength > MAX_RANDOM_BYTES) throw newDomException(`At most ${MAX_RANDOM_BYTES} bytes at once`, 'QuotaExceededError');
      fill(new IntrinsicUint8Array(view.buffer, view.byteOffset, view.byteLength));
      return view;
    }
    randomUUID() {
      const bytes = new IntrinsicUint8Array(16);
      fill(bytes);
      bytes[6] = (at(bytes, 6) & 0x0f) | 0x40;
      bytes[8] = (at(bytes, 8) & 0x3f) | 0x80;
      let text = '';
      for (let i = 0; i < 16; i += 1) text += `${i === 4 || i === 6 || i === 8 || i === 10 ? '-' : ''}${HEX[at(bytes, i) >> 4]}${HEX[at(bytes, i) & 15]}`;
      return text;
    }
  }
  return new Crypto();
};

/** @param {Uint32Array} state whose counter is moved on */
const nextBlock = (state) => {
  const work = state.slice();
  for (let round = 0; round < 10; round += 1) {
    for (let i = 0; i < 4; i += 1) quarterRound(work, i, 4 + i, 8 + i, 12 + i);
    for (let i = 0; i < 4; i += 1) quarterRound(work, i, 4 + ((i + 1) & 3), 8 + ((i + 2) & 3), 12 + ((i + 3) & 3));
  }
  for (let i = 0; i < BLOCK_BYTES / 4; i += 1) work[i] = at(work, i) + at(state, i);
  state[12] = at(state, 12) + 1;
  return work;
};

/** @param {Uint32Array} w @param {number} a @param {number} b @param {number} c @param {number} d */
const quarterRound = (w, a, b, c, d) => {
  addAndTurn(w, a, b, d, 16);
  addAndTurn(w, c, d, b, 12);
  addAndTurn(w, a, b, d, 8);
  addAndTurn(w, c, d, b, 7);
};

/** @param {Uint32Array} w @param {number} to @param {number} from @param {number} turned @param {number} bits */
const addAndTurn = (w, to, from, turned, bits) => {
  w[to] = at(w, to) + at(w, from);
  const mixed = at(w, turned) ^ at(w, to);
  w[turned] = (mixed << bits) | (mixed >>> (32 - bits));
};

/** @param {Uint32Array | Uint8Array} words @param {number} index */
const at = (words, index) => /** @type {number} */ (words[index]);
