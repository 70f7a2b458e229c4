// A URL as its parts, by the WHATWG URL standard; hosts beyond ASCII by punycode of their NFC lower case.

const DEFAULT_PORTS = /** @type {any} */ ({ __proto__: null, 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21', 'file:': '' });

/**
 * @typedef {{protocol: string, username: string, password: string, host: string | null, port: string, path: string[], opaque: string | null, query: string | null, fragment: string | null}} UrlParts
 */

/** @param {string} protocol */
const isSpecial = (protocol) => protocol in DEFAULT_PORTS;

/** @param {string} text @param {UrlParts | null} base @returns {UrlParts | null} null for what is no URL */
const parseUrl = (text, base) => {
  let rest = text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '');
  const hash = rest.indexOf('#');
  const fragment = hash < 0 ? null : percentEncode(rest.slice(hash + 1), FRAGMENT_SET);
  if (hash >= 0) rest = rest.slice(0, hash);
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(rest);
  const protocol = scheme ? `${/** @type {string} */ (scheme[1]).toLowerCase()}:` : '';
  const relativeSpecial = scheme && base && base.protocol === protocol && isSpecial(protocol) && !rest.startsWith('//', scheme[0].length);
  if (scheme && !relativeSpecial) return parseAbsolute(protocol, rest.slice(scheme[0].length), fragment);
  if (base === null) return null;
  return parseRelative(scheme ? rest.slice(scheme[0].length) : rest, base, fragment);
};

/** @param {string} protocol @param {string} given @param {string | null} fragment @returns {UrlParts | null} */
const parseAbsolute = (protocol, given, fragment) => {
  const special = isSpecial(protocol);
  const { path: text, query } = splitQuery(given, special);
  const parts = { ...emptyParts(protocol), query, fragment };
  if (protocol === 'file:') return parseFile(parts, slashed(text));
  const after = special ? slashed(text).replace(/^\/*/, '//') : text;
  if (after.startsWith('//')) return parseAuthority(parts, after.slice(2));
  if (after.startsWith('/')) return { ...parts, path: normalPath(after.slice(1), protocol) };
  return { ...parts, opaque: percentEncode(after, CONTROL_SET) };
};

/** @param {UrlParts} parts @param {string} text @returns {UrlParts | null} */
const parseFile = (parts, text) => {
  // What looks like a host may be a drive: file://c:/x
  const [, name = '', below = text.replace(/^\/\//, '/')] = /^\/\/(?![a-zA-Z][:|](?:\/|$))([^/]*)(.*)$/s.exec(text) ?? [];
  const host = parseHost(name, true);
  if (host === null) return null;
  return { ...parts, host: host === 'localhost' ? '' : host, path: normalPath(below.replace(/^\//, ''), parts.protocol) };
};

/** @param {string} text @param {UrlParts} base @param {string | null} fragment @returns {UrlParts | null} */
const parseRelative = (text, base, fragment) => {
  if (base.opaque !== null) return text === '' && fragment !== null ? { ...base, fragment } : null;
  const special = isSpecial(base.protocol);
  const { path: raw, query } = splitQuery(text, special);
  const path = special ? slashed(raw) : raw;
  if (path.startsWith('//')) {
    const parts = { ...emptyParts(base.protocol), query, fragment };
    return base.protocol === 'file:' ? parseFile(parts, path) : parseAuthority(parts, special ? path.replace(/^\/+/, '') : path.slice(2));
  }
  if (path === '') return { ...base, query: query ?? base.query, fragment };
  const from = path.startsWith('/') ? path.slice(1) : [...base.path.slice(0, -1), path].join('/');
  const drive = base.protocol === 'file:' && isDrive(base.path[0]) ? base.path[0] : undefined;
  const own = base.protocol === 'file:' && /^\/?[a-zA-Z][:|](?:\/|$)/.test(path) ? path.replace(/^\//, '') : undefined;
  const kept = drive !== undefined && (path.startsWith('/') || base.path.length === 1) ? `${drive}/${from}` : from;
  return { ...base, path: normalPath(own ?? kept, base.protocol), query, fragment };
};

/** A drive of Windows, as a file URL has it at the front of its path. @param {string | undefined} part */
const isDrive = (part) => part !== undefined && /^[a-zA-Z]:$/.test(part);

/** @param {UrlParts} parts @param {string} text what follows `//` @returns {UrlParts | null} */
const parseAuthority = (parts, text) => {
  const special = isSpecial(parts.protocol);
  const slash = text.indexOf('/');
  const authority = slash < 0 ? text : text.slice(0, slash);
  const at = authority.lastIndexOf('@');
  const [user = '', ...word] = at < 0 ? [] : authority.slice(0, at).split(':');
  const found = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority.slice(at + 1));
  if (found === null) return null;
  const host = parseHost(/** @type {string} */ (found[1]), special);
  const port = parsePort(found[2] ?? '', parts.protocol);
  if (host === null || port === null || (host === '' && (special || at >= 0 || found[2] !== undefined))) return null;
  return {
    ...parts,
    username: percentEncode(user, USERINFO_SET),
    password: percentEncode(word.join(':'), USERINFO_SET),
    host,
    port,
    path: slash < 0 ? (special ? [''] : []) : normalPath(text.slice(slash + 1), parts.protocol),
  };
};

/** @param {string} text @param {string} protocol @returns {string | null} */
const parsePort = (text, protocol) => {
  if (text === '') return '';
  if (!/^[0-9]+$/.test(text) || Number(text) > 65_535) return null;
  const port = `${Number(text)}`;
  return DEFAULT_PORTS[protocol] === port ? '' : port;
};

/** @param {string} text @param {boolean} special @returns {string | null} */
const parseHost = (text, special) => {
  if (text.startsWith('[')) return text.endsWith(']') ? parseIpv6(text.slice(1, -1)) : null;
  if (!special) return /[\0\t\n\r #/<>?@[\\\]^|]/.test(text) ? null : percentEncode(text, CONTROL_SET);
  let plain;
  try {
    plain = decodeURIComponent(text.replace(/%(?![0-9a-fA-F]{2})/g, '%25')).normalize('NFC').toLowerCase().replace(/[\u3002\uff0e\uff61]/g, '.');
  } catch {
    return null;
  }
  const ascii = plain.split('.').map((label) => (/^[\0-\x7f]*$/.test(label) ? label : `xn--${punycode(label)}`)).join('.');
  if (/[\0-\x20#%/:<>?@[\\\]^|\x7f]/.test(ascii)) return null;
  const labels = ascii.replace(/\.$/, '').split('.');
  return /^(0x[0-9a-f]*|[0-9]+)$/.test(labels.at(-1) ?? '') ? parseIpv4(labels) : ascii;
};

/** @param {string[]} labels @returns {string | null} */
const parseIpv4 = (labels) => {
  if (labels.length > 4) return null;
  const numbers = labels.map((label) => {
    if (label === '') return NaN;
    if (/^0x[0-9a-f]*$/.test(label)) return label.length === 2 ? 0 : Number(label);
    return /^0[0-7]*$/.test(label) ? parseWhole(label, 8) : /^[1-9][0-9]*$/.test(label) ? Number(label) : NaN;
  });
  const last = numbers.pop() ?? NaN;
  if (numbers.some((number) => !(number <= 255)) || !(last < 256 ** (4 - numbers.length))) return null;
  const address = numbers.reduce((sum, number, i) => sum + number * 256 ** (3 - i), last);
  return [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join('.');
};

/** @param {string} text @returns {string | null} */
const parseIpv6 = (text) => {
  const four = /^(.*:)(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(text);
  const bytes = four ? four.slice(2).map(Number) : [];
  if (bytes.some((byte) => byte > 255)) return null;
  const hex = (/** @type {number} */ i) => ((bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0)).toString(16);
  const halves = (four ? `${four[1]}${hex(0)}:${hex(2)}` : text).split('::');
  if (halves.length > 2) return null;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const gap = 8 - head.length - tail.length;
  if (halves.length === 2 ? gap < 1 : gap !== 0) return null;
  const pieces = [...head, ...Array.from({ length: gap }, () => '0'), ...tail];
  if (pieces.some((piece) => !/^[0-9a-fA-F]{1,4}$/.test(piece))) return null;
  const groups = pieces.map((piece) => parseWhole(piece, 16).toString(16));
  const zeros = groups.map((group) => (group === '0' ? 'z' : 'n')).join('').match(/z{2,}/g)?.sort((a, b) => b.length - a.length)[0] ?? '';
  if (zeros === '') return `[${groups.join(':')}]`;
  const at = groups.map((group) => (group === '0' ? 'z' : 'n')).join('').indexOf(zeros);
  return `[${groups.slice(0, at).join(':')}::${groups.slice(at + zeros.length).join(':')}]`;
};

/** RFC 3492. @param {string} label */
const punycode = (label) => {
  const points = [...label].map((letter) => letter.codePointAt(0) ?? 0);
  const basic = points.filter((point) => point < 128);
  let out = `${String.fromCodePoint(...basic)}${basic.length > 0 ? '-' : ''}`;
  let [n, delta, bias, done] = [128, 0, 72, basic.length];
  while (done < points.length) {
    const next = Math.min(...points.filter((point) => point >= n));
    delta += (next - n) * (done + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta += 1;
      if (point !== n) continue;
      let q = delta;
      for (let k = 36; ; k += 36) {
        const t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
        if (q < t) break;
        out += '0123456789abcdefghijklmnopqrstuvwxyz'[((t + ((q - t) % (36 - t))) + 10) % 36];
        q = Math.floor((q - t) / (36 - t));
      }
      out += '0123456789abcdefghijklmnopqrstuvwxyz'[(q + 10) % 36];
      bias = adaptBias(delta, done + 1, done === basic.length);
      delta = 0;
      done += 1;
    }
    delta += 1;
    n += 1;
  }
  return out;
};

/** @param {number} given @param {number} count @param {boolean} first */
const adaptBias = (given, count, first) => {
  let delta = Math.floor(given / (first ? 700 : 2));
  delta += Math.floor(delta / count);
  let k = 0;
  for (; delta > 455; k += 36) delta = Math.floor(delta / 35);
  return k + Math.floor((36 * delta) / (delta + 38));
};

/** @param {string} protocol @returns {UrlParts} */
const emptyParts = (protocol) => ({ protocol, username: '', password: '', host: null, port: '', path: [], opaque: null, query: null, fragment: null });

/** @param {string} text */
const slashed = (text) => text.replaceAll('\\', '/');

/** @param {string} text @param {boolean} special */
const splitQuery = (text, special) => {
  const at = text.indexOf('?');
  return at < 0 ? { path: text, query: null } : { path: text.slice(0, at), query: percentEncode(text.slice(at + 1), special ? SPECIAL_QUERY_SET : QUERY_SET) };
};

/** @param {string} text without its leading slash @param {string} protocol */
const normalPath = (text, protocol) => {
  /** @type {string[]} */
  const out = [];
  const file = protocol === 'file:';
  const parts = (isSpecial(protocol) ? slashed(text) : text).split('/');
  parts.forEach((part, i) => {
    const dots = part.replace(/%2e/gi, '.');
    if (dots === '..' && !(file && out.length === 1 && isDrive(out[0]))) out.pop();
    if (dots !== '.' && dots !== '..') out.push(file && out.length === 0 && /^[a-zA-Z]\|$/.test(part) ? `${part[0]}:` : percentEncode(part, PATH_SET));
    else if (i === parts.length - 1) out.push('');
  });
  return out;
};

// Characters beyond controls and non-ASCII that each part has encoded.
const CONTROL_SET = '';
const FRAGMENT_SET = ' "<>`';
const QUERY_SET = ' "#<>';
const SPECIAL_QUERY_SET = ' "#<>\'';
const PATH_SET = ' "#<>?^`{}';
const USERINFO_SET = ' "#<>?^`{}/:;=@[\\]|';

/** @param {string} text @param {string} set */
const percentEncode = (text, set) => {
  let out = '';
  for (const letter of toWellFormed(text)) {
    const code = letter.codePointAt(0) ?? 0;
    if (code > 0x7e) out += encodeURIComponent(letter);
    else if (code < 0x20 || set.includes(letter)) out += `%${upperHex(code).padStart(2, '0')}`;
    else out += letter;
  }
  return out;
};

/** @param {UrlParts} parts */
const serializeUrl = (parts) => {
  const { protocol, username, password, host, port, path, opaque, query, fragment } = parts;
  const login = username === '' && password === '' ? '' : `${username}${password === '' ? '' : `:${password}`}@`;
  const authority = host === null ? (path[0] === '' && path.length > 1 && opaque === null ? '/.' : '') : `//${login}${host}${port === '' ? '' : `:${port}`}`;
  return `${protocol}${authority}${pathText(parts)}${query === null ? '' : `?${query}`}${fragment === null ? '' : `#${fragment}`}`;
};

/** @param {UrlParts} parts */
const pathText = ({ path, opaque }) => opaque ?? path.map((part) => `/${part}`).join('');
