/** What must hold of Chit behind each proxy. Each check returns what it measured, or throws. */
import assert from 'node:assert/strict';
import { type IncomingHttpHeaders, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Chit, SILENCE_MS } from './behind.ts';
import { type Answered, type Asked, askByHttp1, askByHttp2, HOST } from './client.ts';
import type { RunningProxy } from './proxies.ts';

const PASSWORD = 'a long passphrase';
const JSON_BODY = { 'content-type': 'application/json' };
/** Most time between a provider's sending of a piece and its arrival at the client. */
const PIECE_WITHIN_MS = 100;
const STREAM_ATTEMPTS = 3;
export const SIGNUPS_PER_HOUR = 8;
const GATEWAY_LIMIT_BYTES = 33_554_432;
const REFUSED_BODIES = 200;

export interface Behind {
  readonly proxy: RunningProxy;
  readonly chit: Chit;
  /** An API key. */
  readonly key: string;
}

type Ask = (port: number, asked: Asked) => Promise<Answered>;
const BOTH: readonly (readonly [string, Ask])[] = [
  ['HTTP/1.1', askByHttp1],
  ['HTTP/2', askByHttp2],
];

function post(path: string, body: unknown, headers: Record<string, string> = {}): Asked {
  return {
    method: 'POST',
    path,
    headers: { ...JSON_BODY, ...headers },
    body: JSON.stringify(body),
  };
}

function completion(key: string, content: unknown, more: object = {}): Asked {
  const body = { model: 'local', messages: [{ role: 'user', content }], ...more };
  return post('/v1/chat/completions', body, { authorization: `Bearer ${key}` });
}

/** Makes an account and an API key, through the proxy. */
export async function makeKey(port: number, prefix = ''): Promise<string> {
  const account = { username: 'ada', password: PASSWORD };
  const made = await askByHttp2(port, post(`${prefix}/api/register/`, account));
  assert.equal(made.status, 201, made.text);
  const login = await askByHttp2(port, post(`${prefix}/api/login/`, account));
  const { access } = JSON.parse(login.text) as { access: string };
  const asked = post(`${prefix}/api/keys/`, { name: 'k' }, { authorization: `Bearer ${access}` });
  const answer = await askByHttp2(port, asked);
  return (JSON.parse(answer.text) as { key: string }).key;
}

/** Over http there is nothing but a way to https. */
export async function redirectsToHttps({ proxy }: Behind): Promise<string> {
  const { status, location } = await new Promise<{ status: number; location: string }>(
    (resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: proxy.httpPort, path: '/c/1?a=b' });
      asked.setHeader('host', 'chat.example.org');
      asked.on('response', ({ statusCode = 0, headers }) =>
        resolve({ status: statusCode, location: headers.location ?? '' }),
      );
      asked.on('error', reject);
      asked.end();
    },
  );
  assert.ok(status === 301 || status === 308, String(status));
  assert.match(location, /^https:\/\/chat\.example\.org(:\d+)?\/c\/1\?a=b$/);
  return String(status);
}

/** The page and its files come, compressed as they were built. */
export async function servesThePage({ proxy }: Behind): Promise<string> {
  for (const [name, ask] of BOTH) {
    const page = await ask(proxy.httpsPort, { path: '/' });
    assert.equal(page.status, 200, name);
    const [, script = ''] = /src="(\/assets\/[^"]+)"/.exec(page.text) ?? [];
    const headers = { 'accept-encoding': 'br' };
    const file = await ask(proxy.httpsPort, { path: script, headers });
    assert.equal(file.status, 200, `${name} ${script}`);
    assert.equal(file.headers['content-encoding'], 'br');
  }
  return 'HTTP/1.1 and HTTP/2';
}

/** Over https the cookies say so, whatever the proxy passes on. */
export async function setsSecureCookies({ proxy }: Behind): Promise<string> {
  const account = { username: 'ada', password: PASSWORD };
  for (const [name, ask] of BOTH) {
    const answer = await ask(proxy.httpsPort, post('/api/session/', account));
    assert.equal(answer.status, 200, answer.text);
    const cookies = [answer.headers['set-cookie'] ?? []].flat();
    const refresh = cookies.find((it) => it.startsWith('__Host-chit_refresh=')) ?? '';
    assert.match(refresh, /; Secure/, `${name}: ${cookies.join(' ')}`);
  }
  return '__Host- and Secure';
}

/** Every answer has the id of its request. */
export async function tellsRequestIds({ proxy }: Behind): Promise<string> {
  const answer = await askByHttp2(proxy.httpsPort, { path: '/healthz' });
  const id = String(answer.headers['x-request-id'] ?? '');
  assert.match(id, /^[\w-]{6,}$/);
  return id;
}

/** What a proxy tells Chit of a request, whatever the client says of itself. */
export async function tellsChit(proxy: RunningProxy, seen: () => IncomingHttpHeaders) {
  const forged = {
    'x-forwarded-proto': 'http',
    'x-forwarded-for': '198.51.100.1',
    'x-request-id': 'forged',
  };
  const asked = { path: '/', headers: forged, from: '127.0.0.2' };
  await askByHttp1(proxy.httpsPort, asked);
  const headers = seen();
  assert.equal(headers['x-forwarded-proto'], 'https');
  assert.equal(String(headers['x-forwarded-for']).split(/, */).at(-1), '127.0.0.2');
  assert.equal(headers.host, HOST);
  const id = String(headers['x-request-id']);
  assert.match(id, /^[\w-]{32,36}$/, 'an id of its own');
  return id;
}

/** Pieces of an answer arrive one by one. On a busy machine, one of a few attempts is in time. */
export async function streamsUnbuffered(behind: Behind): Promise<string> {
  let best = Number.POSITIVE_INFINITY;
  for (let tried = 0; tried < STREAM_ATTEMPTS && best > PIECE_WITHIN_MS; tried += 1) {
    best = Math.min(best, await slowestPieceMs(behind));
  }
  assert.ok(best <= PIECE_WITHIN_MS, `a piece took ${best} ms`);
  return `the slowest piece took ${best} ms`;
}

async function slowestPieceMs({ proxy, key }: Behind): Promise<number> {
  let slowest = 0;
  for (const [name, ask] of BOTH) {
    const answer = await ask(proxy.httpsPort, completion(key, 'pieces', { stream: true }));
    assert.equal(answer.status, 200, answer.text);
    const delays = answer.pieces.flatMap(({ text, atMs }) =>
      [...text.matchAll(/<(\d{13})>/g)].map(([, sentMs]) => atMs - Number(sentMs)),
    );
    assert.equal(delays.length, 10, `${name}: ${answer.text}`);
    slowest = Math.max(slowest, ...delays);
  }
  return slowest;
}

/** A model may think in silence. */
export async function outlastsSilence({ proxy, key }: Behind): Promise<string> {
  const asked = completion(key, 'silence', { stream: true });
  const answers = await Promise.all(BOTH.map(([, ask]) => ask(proxy.httpsPort, asked)));
  for (const { status, text } of answers) {
    assert.equal(status, 200);
    assert.equal([...text.matchAll(/<\d{13}>/g)].length, 2, text);
    assert.match(text, /\[DONE\]/);
  }
  return `${SILENCE_MS / 1000} s`;
}

/** Clients are told apart by their addresses, and cannot choose them. */
export async function tellsClientsApart({ proxy }: Behind): Promise<string> {
  const signUp = (username: string, from: string, forged?: string) =>
    askByHttp1(proxy.httpsPort, {
      ...post('/api/register/', { username, password: PASSWORD }),
      headers: { ...JSON_BODY, ...(forged && { 'x-forwarded-for': forged }) },
      from,
    });
  const statuses: number[] = [];
  for (let tried = 0; tried <= SIGNUPS_PER_HOUR; tried += 1) {
    const { status } = await signUp(`two-${tried}`, '127.0.0.2', `198.51.100.${tried}`);
    statuses.push(status);
  }
  assert.deepEqual(statuses, [...Array(SIGNUPS_PER_HOUR).fill(201), 429]);
  assert.equal((await signUp('three', '127.0.0.3')).status, 201, 'another client is not limited');
  return `${SIGNUPS_PER_HOUR} sign-ups of one address, then 429; another: 201`;
}

/** Bodies that are refused before they are read: the client gets the refusal and no 502. */
export async function refusesBodies({ proxy }: Behind): Promise<string> {
  const counts: Record<string, number> = {};
  const one = async (index: number) => {
    const [, ask] = BOTH[index % 2] ?? ['', askByHttp1];
    const bytes = 20_000 + Math.round((880_000 * index) / REFUSED_BODIES);
    const path = index % 3 === 0 ? '/v1/chat/completions' : '/api/chat/';
    const headers = { ...JSON_BODY, authorization: 'Bearer expired.to.ken' };
    const asked = { method: 'POST', path, headers, body: Buffer.alloc(bytes, 'a') };
    const outcome = await ask(proxy.httpsPort, asked).then(
      ({ status }) => String(status),
      (error: Error) => error.message,
    );
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  };
  for (let index = 0; index < REFUSED_BODIES; index += 4) {
    await Promise.all([0, 1, 2, 3].map((more) => one(index + more)));
  }
  assert.deepEqual(counts, { 401: REFUSED_BODIES });
  return `${REFUSED_BODIES} times 401`;
}

/** The beginning of a PNG of 64 by 64 pixels (https://www.w3.org/TR/png-3/). */
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000400000004008060000', 'hex');

/** A request with a picture that makes it so long, in bytes. */
function withPicture(key: string, bytes: number): Asked {
  const content = (data: string) => [
    { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
  ];
  const around = Buffer.byteLength(completion(key, content('')).body ?? '');
  const base64 = PNG.toString('base64').replaceAll('=', '');
  return completion(key, content(base64.padEnd(4 * Math.floor((bytes - around) / 4), 'A')));
}

/** What the limits of Chit allow passes, and what they do not is refused by Chit. */
export async function passesBigBodies({ proxy, key }: Behind): Promise<string> {
  for (const [name, ask] of BOTH) {
    const passed = await ask(proxy.httpsPort, withPicture(key, GATEWAY_LIMIT_BYTES));
    assert.equal(passed.status, 200, `${name}: ${passed.text.slice(0, 200)}`);
    const refused = await ask(proxy.httpsPort, withPicture(key, GATEWAY_LIMIT_BYTES + 1_000));
    assert.equal(refused.status, 413, name);
    assert.equal(refused.headers['chit-error'], 'body_too_large', 'refused by Chit');
  }
  return `${GATEWAY_LIMIT_BYTES} bytes`;
}

/** While Chit restarts, requests wait for it. */
export async function survivesRestart({ proxy, chit }: Behind): Promise<string> {
  const counts: Record<string, number> = {};
  let isOver = false;
  const asker = async (ask: Ask) => {
    while (!isOver) {
      const outcome = await ask(proxy.httpsPort, { path: '/healthz' }).then(
        ({ status }) => String(status),
        (error: Error) => error.message,
      );
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      await sleep(20);
    }
  };
  const askers = BOTH.map(([, ask]) => asker(ask));
  await sleep(500);
  await chit.restart();
  await sleep(2_000);
  isOver = true;
  await Promise.all(askers);
  const { 200: fine = 0, ...others } = counts;
  assert.deepEqual(others, {}, JSON.stringify(counts));
  return `${fine} requests, all 200`;
}
