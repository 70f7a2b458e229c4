// URL and URLSearchParams, as the web has them.

const makeUrl = () => {
  /** What a URL does when its search parameters change. @type {WeakMap<URLSearchParams, () => void>} */
  const owners = new WeakMap();

  class URLSearchParams {
    /** @type {[string, string][]} */
    #pairs = [];
    /** @param {any} [init] */
    constructor(init = '') {
      if (typeof init === 'object' && init !== null) {
        const pairs = typeof init[Symbol.iterator] === 'function' ? [...init] : Object.entries(init);
        this.#pairs = pairs.map((given) => {
          const pair = typeof given === 'object' && given !== null ? [...given] : [];
          if (pair.length !== 2) throw new IntrinsicTypeError('Each query pair must be an iterable [name, value] tuple');
          return [`${pair[0]}`, `${pair[1]}`];
        });
      } else this.#pairs = parseForm(`${init}`.replace(/^\?/, ''));
    }
    get size() {
      return this.#pairs.length;
    }
    /** @param {string} name */
    get(name) {
      return this.#pairs.find(([key]) => key === `${name}`)?.[1] ?? null;
    }
    /** @param {string} name */
    getAll(name) {
      return this.#pairs.filter(([key]) => key === `${name}`).map(([, value]) => value);
    }
    /** @param {string} name @param {string} [value] */
    has(name, value) {
      return this.#pairs.some(([key, held]) => key === `${name}` && (value === undefined || held === `${value}`));
    }
    /** @param {string} name @param {string} value */
    append(name, value) {
      this.#pairs.push([`${name}`, `${value}`]);
      owners.get(this)?.();
    }
    /** @param {string} name @param {string} [value] */
    delete(name, value) {
      this.#change(this.#pairs.filter(([key, held]) => key !== `${name}` || (value !== undefined && held !== `${value}`)));
    }
    /** @param {string} name @param {string} value */
    set(name, value) {
      const first = this.#pairs.findIndex(([key]) => key === `${name}`);
      if (first < 0) this.append(name, value);
      else this.#change(this.#pairs.flatMap((pair, i) => (i === first ? [[pair[0], `${value}`]] : pair[0] === `${name}` ? [] : [pair])));
    }
    sort() {
      this.#change([...this.#pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
    }
    /** @param {(value: string, name: string, params: URLSearchParams) => void} callback @param {any} [self] */
    forEach(callback, self) {
      for (const [name, value] of this.entries()) apply(callback, self, [value, name, this]);
    }
    // By index: what is changed in the meantime counts from there on.
    *entries() {
      for (let i = 0; i < this.#pairs.length; i += 1) yield [.../** @type {[string, string]} */ (this.#pairs[i])];
    }
    *keys() {
      for (const [name] of this.entries()) yield name;
    }
    *values() {
      for (const [, value] of this.entries()) yield value;
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toString() {
      return this.#pairs.map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`).join('&');
    }
    /** @param {any[]} pairs */
    #change(pairs) {
      this.#pairs = pairs;
      owners.get(this)?.();
    }
    /** @param {URLSearchParams} params @param {string} query what their URL has now */
    static refill(params, query) {
      params.#pairs = parseForm(query);
    }
  }
  const { refill } = URLSearchParams;
  delete (/** @type {any} */ (URLSearchParams)).refill;

  class URL {
    /** @type {UrlParts} */
    #parts;
    /** @type {URLSearchParams | null} */
    #params = null;
    /** Whether the search parameters have changed since they were last written into the query. */
    #changed = false;
    /** @param {any} text @param {any} [base] */
    constructor(text, base) {
      const under = base === undefined ? null : parseUrl(`${base}`, null);
      const parts = base !== undefined && under === null ? null : parseUrl(`${text}`, under);
      if (parts === null) {
        const error = new IntrinsicTypeError('Invalid URL');
        throw Object.assign(error, { code: 'ERR_INVALID_URL', input: `${text}` });
      }
      this.#parts = parts;
    }
    /** @param {any} text @param {any} [base] */
    static canParse(text, base) {
      return URL.parse(text, base) !== null;
    }
    /** @param {any} text @param {any} [base] @returns {URL | null} */
    static parse(text, base) {
      try {
        return new URL(text, base);
      } catch {
        return null;
      }
    }
    /** Written only when it is asked for: a hundred parameters are not a hundred queries. */
    get #query() {
      if (this.#changed && this.#params !== null) this.#parts = { ...this.#parts, query: this.#params.toString() || null };
      this.#changed = false;
      return this.#parts.query;
    }
    /** @param {string | null} query */
    set #query(query) {
      this.#parts = { ...this.#parts, query };
      this.#changed = false;
      if (this.#params !== null) refill(this.#params, query ?? '');
    }
    get href() {
      return serializeUrl({ ...this.#parts, query: this.#query });
    }
    set href(text) {
      this.#parts = new URL(text).#parts;
      this.#query = this.#parts.query;
    }
    /** @returns {string} */
    get origin() {
      const { protocol, opaque } = this.#parts;
      if (protocol === 'blob:') return /^https?:/.test(opaque ?? '') ? (URL.parse(opaque)?.origin ?? 'null') : 'null';
      return isSpecial(protocol) && protocol !== 'file:' ? `${protocol}//${this.host}` : 'null';
    }
    get protocol() {
      return this.#parts.protocol;
    }
    set protocol(text) {
      const protocol = `${unbroken(text).split(':')[0]?.toLowerCase()}:`;
      const { username, password, host, port } = this.#parts;
      // A file has neither a login nor a port, and what had no host gets none.
      if (protocol === 'file:' ? username + password + port !== '' : this.protocol === 'file:' && host === '') return;
      if (/^[a-z][a-z0-9+.-]*:$/.test(protocol) && isSpecial(protocol) === isSpecial(this.protocol)) {
        this.#parts = { ...this.#parts, protocol, port: parsePort(this.port, protocol) ?? '' };
      }
    }
    get username() {
      return this.#parts.username;
    }
    set username(text) {
      if (this.#mayHavePort) this.#parts = { ...this.#parts, username: percentEncode(`${text}`, USERINFO_SET) };
    }
    get password() {
      return this.#parts.password;
    }
    set password(text) {
      if (this.#mayHavePort) this.#parts = { ...this.#parts, password: percentEncode(`${text}`, USERINFO_SET) };
    }
    get host() {
      const { host, port } = this.#parts;
      return `${host ?? ''}${port === '' ? '' : `:${port}`}`;
    }
    set host(text) {
      this.#move(text, true);
    }
    get hostname() {
      return this.#parts.host ?? '';
    }
    set hostname(text) {
      this.#move(text, false);
    }
    /** Or a name and a password. */
    get #mayHavePort() {
      return this.#parts.host !== null && this.#parts.host !== '' && this.protocol !== 'file:';
    }
    /** To another host, as far as the text names one: what is wrong after it is left out. @param {any} text @param {boolean} ported */
    #move(text, ported) {
      const { protocol, username, password, port, opaque, host: before } = this.#parts;
      const [special, file] = [isSpecial(protocol), protocol === 'file:'];
      const given = (special ? slashed(unbroken(text)) : unbroken(text)).replace(/[/?#].*$/s, '');
      const colon = given.indexOf(':', given[0] === '[' ? given.indexOf(']') : 0);
      if (opaque !== null || (colon >= 0 && (file || !ported))) return;
      const host = parseHost(colon < 0 ? given : given.slice(0, colon), special);
      if (host === null) return;
      if (host === '' && !file && (special || before === null || colon >= 0 || `${username}${password}${port}` !== '')) return;
      const digits = colon < 0 ? '' : startDigits(given.slice(colon + 1));
      const moved = digits === '' ? port : (parsePort(digits, protocol) ?? port);
      this.#parts = { ...this.#parts, host: file && host === 'localhost' ? '' : host, port: moved };
    }
    get port() {
      return this.#parts.port;
    }
    set port(text) {
      const digits = startDigits(unbroken(text));
      const port = digits === '' && `${text}` !== '' ? null : parsePort(digits, this.protocol);
      if (this.#mayHavePort && port !== null) this.#parts = { ...this.#parts, port };
    }
    get pathname() {
      return pathText(this.#parts);
    }
    set pathname(text) {
      if (this.#parts.opaque === null) {
        const path = unbroken(text);
        const special = isSpecial(this.protocol);
        const none = path === '' && !special && this.#parts.host !== null;
        this.#parts = { ...this.#parts, path: none ? [] : normalPath((special ? slashed(path) : path).replace(/^\//, ''), this.protocol) };
      }
    }
    get search() {
      const query = this.#query;
      return query === null || query === '' ? '' : `?${query}`;
    }
    set search(text) {
      const query = unbroken(text).replace(/^\?/, '');
      this.#query = `${text}` === '' ? null : percentEncode(query, isSpecial(this.protocol) ? SPECIAL_QUERY_SET : QUERY_SET);
    }
    get searchParams() {
      if (this.#params === null) {
        this.#params = new URLSearchParams(this.#parts.query ?? '');
        owners.set(this.#params, () => {
          this.#changed = true;
        });
      }
      return this.#params;
    }
    get hash() {
      const { fragment } = this.#parts;
      return fragment === null || fragment === '' ? '' : `#${fragment}`;
    }
    set hash(text) {
      const fragment = unbroken(text).replace(/^#/, '');
      this.#parts = { ...this.#parts, fragment: `${text}` === '' ? null : percentEncode(fragment, FRAGMENT_SET) };
    }
    toString() {
      return this.href;
    }
    toJSON() {
      return this.href;
    }
  }
  const { entries } = URLSearchParams.prototype;
  const probe = getterOf(URLSearchParams.prototype, 'size');
  showAs(URLSearchParams, probe, (/** @type {any} */ params, /** @type {Look} */ look, /** @type {any} */ parts, /** @type {number} */ depth, /** @type {Above} */ here) => {
    for (const [name, value] of apply(entries, params, [])) {
      addPart(parts, `${inspectValue(look, name, depth + 1, here)} => ${inspectValue(look, value, depth + 1, here)}`);
    }
  });
  showGetters(URL, ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'searchParams', 'hash']);
  return { URL, URLSearchParams };
};

/** A URL takes no notice of tabs and line ends. @param {any} text */
const unbroken = (text) => `${text}`.replace(/[\t\n\r]/g, '');

/** @param {string} text */
const startDigits = (text) => /^\d*/.exec(text)?.[0] ?? '';

/** `a=1&b=2`, as forms write it. @param {string} text @returns {[string, string][]} */
const parseForm = (text) =>
  text.split('&').filter((part) => part !== '').map((part) => {
    const at = part.indexOf('=');
    return at < 0 ? [formDecode(part), ''] : [formDecode(part.slice(0, at)), formDecode(part.slice(at + 1))];
  });

/** @param {string} text */
const formDecode = (text) => {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced.replace(/%(?![0-9a-fA-F]{2})/g, '%25'));
  } catch {
    const bytes = spaced.replace(/[^%]+/g, (plain) => encodeURIComponent(plain)).match(/%[0-9a-fA-F]{2}|[^]/g) ?? [];
    return decodeUtf8(IntrinsicUint8Array.from(bytes.map((one) => (one.length === 3 ? parseWhole(one.slice(1), 16) : charCodeAt(one, 0)))), false).text;
  }
};

/** @param {string} text */
const formEncode = (text) =>
  encodeURIComponent(toWellFormed(text)).replace(/%20/g, '+').replace(/[!'()~]/g, (letter) => `%${upperHex(charCodeAt(letter, 0))}`);
