/** The service worker keeps the shell of the newest version, and nothing of anybody's chats. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { runInNewContext } from 'node:vm';

const SOURCE = readFileSync(join(import.meta.dirname, '../../../web/public/sw.js'), 'utf8');
const SCOPE = 'https://site.test/team/chat/';

interface FetchEvent {
  readonly request: { readonly url: string; readonly method: string; readonly mode: string };
  respondWith(response: Promise<Response>): void;
  waitUntil(work: Promise<unknown>): void;
}

/** Caches as browsers have them, as far as the worker uses them. */
class FakeCaches {
  readonly all = new Map<string, Map<string, Response>>();
  readonly #fetch: (url: string) => Promise<Response>;

  constructor(fetch: (url: string) => Promise<Response>) {
    this.#fetch = fetch;
  }

  async open(name: string) {
    const cache = this.all.get(name) ?? new Map<string, Response>();
    this.all.set(name, cache);
    const keyOf = (it: string | { url: string }) => (typeof it === 'string' ? it : it.url);
    return {
      match: async (it: string | { url: string }) => cache.get(keyOf(it))?.clone(),
      put: async (it: string | { url: string }, response: Response) => {
        cache.set(keyOf(it), response);
      },
      addAll: async (urls: string[]) => {
        for (const url of urls) cache.set(url, await this.#fetch(url));
      },
    };
  }

  async match(it: string | { url: string }, { cacheName }: { cacheName: string }) {
    if (!this.all.has(cacheName)) return undefined;
    return (await this.open(cacheName)).match(it);
  }

  async delete(name: string) {
    return this.all.delete(name);
  }
}

/** What the server answers, by URL; nothing can be reached if it is undefined. */
let server: Map<string, Response> | undefined;
let asked: string[];
let caches: FakeCaches;
let onFetch: (event: FetchEvent) => void;

beforeEach(() => {
  server = new Map();
  asked = [];
  const fetch = async (request: string | { url: string }) => {
    const url = typeof request === 'string' ? request : request.url;
    asked.push(url);
    if (!server) throw new TypeError('Failed to fetch');
    return server.get(url)?.clone() ?? new Response('', { status: 404 });
  };
  caches = new FakeCaches(fetch);
  const handlers = new Map<string, (event: FetchEvent) => void>();
  const self = {
    registration: { scope: SCOPE },
    location: { origin: 'https://site.test' },
    addEventListener: (name: string, handler: (event: FetchEvent) => void) =>
      handlers.set(name, handler),
  };
  runInNewContext(SOURCE, { self, caches, fetch, URL, Response });
  onFetch = handlers.get('fetch') as typeof onFetch;
});

/** Sends a request through the worker; undefined if it leaves it to the browser. */
async function ask(path: string, { mode = 'navigate', method = 'GET' } = {}) {
  let answer: Promise<Response> | undefined;
  const work: Promise<unknown>[] = [];
  onFetch({
    request: { url: new URL(path, SCOPE).href, method, mode },
    respondWith: (response) => {
      answer = response;
    },
    waitUntil: (it) => work.push(it),
  });
  const response = await answer;
  await Promise.all(work);
  return response;
}

function release(version: string): void {
  const html = `<script src="/team/chat/assets/${version}.js"></script>`;
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': 'p' };
  server = new Map([
    [SCOPE, new Response(html, { headers })],
    [`${SCOPE}c/1`, new Response(html, { headers })],
    [`${SCOPE}assets/${version}.js`, new Response(`run ${version}`)],
    [`${SCOPE}assets/later-${version}.js`, new Response(`later ${version}`)],
  ]);
}

test('without a network the page opens with all its files, under its policy', async () => {
  release('one');
  await ask('');
  await ask('assets/later-one.js', { mode: 'cors' });
  server = undefined;
  const shell = await ask('c/2');
  assert.match((await shell?.text()) ?? '', /one\.js/);
  assert.equal(shell?.headers.get('content-security-policy'), 'p');
  for (const name of ['one', 'later-one']) {
    const file = await ask(`assets/${name}.js`, { mode: 'cors' });
    assert.match((await file?.text()) ?? '', /one/);
  }
});

test('after an upgrade nobody sees the shell of before, with a network or without', async () => {
  release('one');
  await ask('');
  release('two');
  const page = await ask('c/1');
  assert.match((await page?.text()) ?? '', /two\.js/);
  server = undefined;
  assert.match((await (await ask(''))?.text()) ?? '', /two\.js/);
  const [cache] = [...caches.all.values()];
  assert.deepEqual([...(cache?.keys() ?? [])], [`${SCOPE}assets/two.js`, SCOPE]);
});

test('an error of the server is shown as it is, and not kept', async () => {
  release('one');
  await ask('');
  server = new Map([[SCOPE, new Response('busy', { status: 503 })]]);
  assert.equal((await ask(''))?.status, 503);
  server = undefined;
  assert.match((await (await ask(''))?.text()) ?? '', /one\.js/);
});

test('a shell whose files do not all come is not kept', async () => {
  release('one');
  server?.delete(`${SCOPE}assets/one.js`);
  const load = caches.open.bind(caches);
  caches.open = async (name) => ({
    ...(await load(name)),
    addAll: () => Promise.reject(new TypeError('Request failed')),
  });
  assert.equal((await ask(''))?.status, 200);
  server = undefined;
  assert.equal((await ask(''))?.type, 'error');
});

test('the API, downloads, the panel and other sites are none of its business', async () => {
  release('one');
  const others = [
    'api/me/',
    'api/conversations/1/messages/',
    'v1/models',
    'admin/',
    'docs/',
    'healthz',
    'c/1/x',
    '../other/',
    'https://elsewhere.test/team/chat/',
  ];
  for (const path of others) {
    assert.equal(await ask(path), undefined, path);
    assert.equal(await ask(path, { mode: 'cors' }), undefined, path);
  }
  assert.equal(await ask('', { method: 'POST' }), undefined);
  assert.deepEqual(asked, []);
});
