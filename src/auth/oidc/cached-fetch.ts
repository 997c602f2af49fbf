/** Requests to providers of OpenID Connect: bounded, and not repeated where nothing changes. */

/** What a provider says of itself changes rarely. */
const METADATA_MS = 600_000;
/**
 * Many who sign in at once cause one request for the keys; a key that the provider has changed is
 * known after at most this time.
 */
const KEYS_MS = 1_000;
/** Answers of providers have some kilobytes. */
const MAX_BYTES = 1_000_000;
/** As many addresses as a few providers have. */
const MAX_KEPT = 100;

/** The part of Fetch that `openid-client` uses. */
export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

interface Kept {
  readonly atMs: number;
  readonly answer: Promise<Answer>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Keeps what a provider says of itself, and its keys, for a while. Failures are not kept. */
export class CachedFetch {
  readonly #fetch: Fetch;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor({ fetch, now }: { readonly fetch: Fetch; readonly now: () => number }) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** Asks anew from now on. */
  forget(): void {
    this.#kept.clear();
  }

  readonly fetch: Fetch = async (url, options) => {
    const isPublic = !new Headers(options.headers).has('authorization');
    const isKept = options.method === 'GET' && isPublic;
    const answer = isKept ? await this.#keptAnswer(url, options) : await this.#ask(url, options);
    return new Response(answer.text, { status: answer.status, headers: answer.headers });
  };

  #keptAnswer(url: string, options: RequestInit): Promise<Answer> {
    const keepMs = url.includes('/.well-known/openid-configuration') ? METADATA_MS : KEYS_MS;
    const kept = this.#kept.get(url);
    const ageMs = kept ? this.#now() - kept.atMs : Number.POSITIVE_INFINITY;
    if (kept && ageMs >= 0 && ageMs < keepMs) return kept.answer;
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    const answer = this.#ask(url, options);
    this.#kept.set(url, { atMs: this.#now(), answer });
    const forget = () => {
      if (this.#kept.get(url)?.answer === answer) this.#kept.delete(url);
    };
    answer.then(({ status }) => {
      if (status !== 200) forget();
    }, forget);
    return answer;
  }

  async #ask(url: string, options: RequestInit): Promise<Answer> {
    const response = await this.#fetch(url, options);
    const { status, headers } = response;
    const plain = new Headers(headers);
    // The text is decoded.
    for (const name of ['content-encoding', 'content-length']) plain.delete(name);
    return { status, headers: plain, text: await textOf(response) };
  }
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error('The answer of the provider is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
