// Text as bytes: TextEncoder, TextDecoder, atob, btoa.

const makeEncoding = () => {
  class TextEncoder {
    get encoding() {
      return 'utf-8';
    }
    encode(text = '') {
      const units = `${text}`;
      const bytes = new IntrinsicUint8Array(units.length * 3);
      const { written } = this.encodeInto(units, bytes);
      return bytes.slice(0, written);
    }
    /** @param {string} text @param {Uint8Array} bytes */
    encodeInto(text, bytes) {
      if (typedTag(bytes) !== 'Uint8Array') throw new IntrinsicTypeError('encodeInto writes into a Uint8Array');
      let written = 0;
      let read = 0;
      for (const letter of `${text}`) {
        const code = letter.codePointAt(0) ?? 0;
        const point = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
        const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        if (written + size > bytes.length) break;
        if (size === 1) bytes[written] = point;
        else {
          bytes[written] = (0xf00 >> size) | (point >> (6 * (size - 1)));
          for (let i = 1; i < size; i += 1) bytes[written + i] = 0x80 | ((point >> (6 * (size - 1 - i))) & 0x3f);
        }
        written += size;
        read += letter.length;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    #encoding;
    #fatal;
    #ignoreBOM;
    /** @type {number[]} what a streamed chunk left over */
    #rest = [];
    #begun = false;
    /** @param {string} [label] @param {any} [options] */
    constructor(label = 'utf-8', options) {
      const name = `${label}`.trim().toLowerCase();
      const known = /** @type {any} */ ({ 'utf-8': 'utf-8', utf8: 'utf-8', 'unicode-1-1-utf-8': 'utf-8', 'utf-16le': 'utf-16le', 'utf-16': 'utf-16le' })[name];
      if (known === undefined) throw new IntrinsicRangeError(`The "${label}" encoding is not supported; utf-8 and utf-16le are`);
      this.#encoding = known;
      this.#fatal = !!options?.fatal;
      this.#ignoreBOM = !!options?.ignoreBOM;
    }
    get encoding() {
      return this.#encoding;
    }
    get fatal() {
      return this.#fatal;
    }
    get ignoreBOM() {
      return this.#ignoreBOM;
    }
    /** @param {any} [input] @param {any} [options] */
    decode(input = new IntrinsicUint8Array(0), options) {
      if (!isView(input) && !hasSlot(bufferBytes, input)) throw new IntrinsicTypeError('only an ArrayBuffer or a view of one can be decoded');
      const view = isView(input) ? new IntrinsicUint8Array(input.buffer, input.byteOffset, input.byteLength) : new IntrinsicUint8Array(input);
      const bytes = this.#rest.length === 0 ? view : IntrinsicUint8Array.from([...this.#rest, ...view]);
      const stream = !!options?.stream;
      const { text, used, broken } = this.#encoding === 'utf-8' ? decodeUtf8(bytes, stream) : decodeUtf16(bytes, stream);
      this.#rest = stream ? [...bytes.subarray(used)] : [];
      if (broken && this.#fatal) throw new IntrinsicTypeError(`The encoded data was not valid for encoding ${this.#encoding}`);
      const clean = !this.#begun && !this.#ignoreBOM && text[0] === '\ufeff' ? text.slice(1) : text;
      this.#begun = stream && (this.#begun || text !== '');
      return clean;
    }
  }
  return { TextEncoder, TextDecoder, atob, btoa };
};

/** @param {Uint8Array} bytes @param {boolean} stream whether more may follow */
const decodeUtf8 = (bytes, stream) => {
  let text = '';
  let broken = false;
  let i = 0;
  while (i < bytes.length) {
    const first = /** @type {number} */ (bytes[i]);
    const size = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
    let point = size === 1 ? first : first & (0x7f >> size);
    let taken = 1;
    for (; taken < size && i + taken < bytes.length; taken += 1) {
      const next = /** @type {number} */ (bytes[i + taken]);
      const low = taken === 1 ? (first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80) : 0x80;
      const high = taken === 1 ? (first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf) : 0xbf;
      if (next < low || next > high) break;
      point = (point << 6) | (next & 0x3f);
    }
    if (taken < size && i + taken === bytes.length && stream) break;
    if (size === 0 || taken < size) {
      broken = true;
      text += '\ufffd';
    } else text += String.fromCodePoint(point);
    i += taken;
  }
  return { text, used: i, broken };
};

/** @param {Uint8Array} bytes @param {boolean} stream */
const decodeUtf16 = (bytes, stream) => {
  let text = '';
  let i = 0;
  for (; i + 1 < bytes.length; i += 2) text += String.fromCharCode(/** @type {number} */ (bytes[i]) | (/** @type {number} */ (bytes[i + 1]) << 8));
  const odd = i < bytes.length && !stream;
  // The first half of a pair, whose other half may be on its way.
  if (stream && (charCodeAt(text, text.length - 1) & 0xfc00) === 0xd800) {
    text = text.slice(0, -1);
    i -= 2;
  }
  return { text: toWellFormed(odd ? `${text}\ufffd` : text), used: odd ? bytes.length : i, broken: odd || !isWellFormed(text) };
};

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** @param {any} data */
const btoa = (data) => {
  const text = `${data}`;
  let out = '';
  for (let i = 0; i < text.length; i += 3) {
    let bits = 0;
    for (let j = 0; j < 3; j += 1) {
      const code = i + j < text.length ? charCodeAt(text, i + j) : 0;
      if (code > 255) throw newDomException('Invalid character', 'InvalidCharacterError');
      bits = (bits << 8) | code;
    }
    const left = text.length - i;
    out += `${BASE64[bits >> 18]}${BASE64[(bits >> 12) & 63]}${left > 1 ? BASE64[(bits >> 6) & 63] : '='}${left > 2 ? BASE64[bits & 63] : '='}`;
  }
  return out;
};

/** @param {any} data */
const atob = (data) => {
  const spaced = `${data}`.replace(/[\t\n\f\r ]/g, '');
  const text = spaced.length % 4 === 0 ? spaced.replace(/={1,2}$/, '') : spaced;
  if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text)) throw newDomException('The string to be decoded is not correctly encoded.', 'InvalidCharacterError');
  let out = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i += 1) {
    bits = ((bits << 6) | BASE64.indexOf(/** @type {string} */ (text[i]))) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += String.fromCharCode((bits >> held) & 255);
    }
  }
  return out;
};
