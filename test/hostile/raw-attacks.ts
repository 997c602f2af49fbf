/** Attacks below HTTP: what no client library would send, written onto the connection itself. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MOST_MS } from './client.ts';
import type { Random } from './random.ts';
import type { Site } from './site.ts';

export interface RawReply {
  readonly attack: string;
  /** Of each response on the connection, in order. */
  readonly statuses: readonly number[];
  readonly text: string;
  readonly elapsedMs: number;
  /** Whether the client had to end the connection, since the server neither answered nor closed. */
  readonly isHanging: boolean;
}

const QUIET_MS = 150;

/** What is written; a pause in milliseconds between two writes. */
type Steps = readonly (string | Buffer | number)[];

interface Attack {
  readonly steps: Steps;
  /** The most responses that it may get: more would mean that a body was read as a request. */
  readonly mostReplies: number;
  /** Closes at the end, without waiting for an answer. */
  readonly isCut?: boolean;
}

const PROBE = 'GET /smuggled-probe HTTP/1.1\r\nHost: x\r\n\r\n';
const JSON_TYPE = 'Content-Type: application/json';

function head(line: string, ...headers: string[]): string {
  return `${[line, 'Host: chit.test', ...headers].join('\r\n')}\r\n\r\n`;
}

/** Makes an attack with a valid token. */
type MakeAttack = (token: string, random: Random) => Attack;

const ATTACKS: Readonly<Record<string, MakeAttack>> = {
  'content-length and chunked': () =>
    smuggling('Content-Length: 6', 'Transfer-Encoding: chunked', `0\r\n\r\n${PROBE}`),
  'chunked and content-length': () =>
    smuggling('Transfer-Encoding: chunked', 'Content-Length: 3', `0\r\n\r\n${PROBE}`),
  'two lengths': () => smuggling('Content-Length: 2', 'Content-Length: 50', `{}${PROBE}`),
  'odd length': (_, random) => {
    const length = random.pick([
      '+2',
      '-2',
      '0x2',
      '2,2',
      '2 2',
      '1e1',
      '99999999999999999999',
      '',
    ]);
    return smuggling(`Content-Length: ${length}`, 'X-A: b', `{}${PROBE}`);
  },
  'odd coding': (_, random) => {
    const coding = random.pick(['xchunked', 'chunked, identity', '\x0bchunked', 'chunked\t,gzip']);
    return smuggling(`Transfer-Encoding: ${coding}`, 'X-A: b', `0\r\n\r\n${PROBE}`);
  },
  'space before colon': () =>
    smuggling('Transfer-Encoding : chunked', 'Content-Length: 2', `{}${PROBE}`),
  'odd chunks': (_, random) => {
    const chunk = random.pick([
      'fffffffffffffffff',
      '-1',
      '0x2',
      'g',
      '2;a=\n',
      `2${' '.repeat(99)}`,
    ]);
    return smuggling('Transfer-Encoding: chunked', 'X-A: b', `${chunk}\r\n{}\r\n0\r\n\r\n`);
  },
  'bare line feeds': () => ({ steps: ['GET / HTTP/1.1\nHost: x\n\n'], mostReplies: 1 }),
  'folded header': () => ({
    steps: ['GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n'],
    mostReplies: 1,
  }),
  'NUL in header': () => ({
    steps: [head('GET /healthz HTTP/1.1', 'X-A: a\0b')],
    mostReplies: 1,
  }),
  'no host': () => ({ steps: ['GET /healthz HTTP/1.1\r\n\r\n'], mostReplies: 1 }),
  'two hosts': () => ({ steps: [head('GET /healthz HTTP/1.1', 'Host: evil')], mostReplies: 1 }),
  'odd line': (_, random) => ({
    steps: [
      `${random.pick([
        'GET  /healthz HTTP/1.1',
        'GET /healthz HTTP/9.9',
        'GET /healthz',
        'G\0T / HTTP/1.1',
        'GET http://evil.example/api/me/ HTTP/1.1',
        'GET \u00ff HTTP/1.1',
        'CONNECT evil.example:443 HTTP/1.1',
        'TRACE / HTTP/1.1',
        'PRI * HTTP/2.0',
        'OPTIONS * HTTP/1.1',
      ])}\r\nHost: x\r\nConnection: close\r\n\r\n`,
    ],
    mostReplies: 1,
  }),
  'TLS hello': () => ({
    steps: [Buffer.from('16030100a5010000a10303', 'hex'), '\r\n\r\n'],
    mostReplies: 1,
  }),
  'random bytes': (_, random) => ({
    steps: [Buffer.from(random.hex(400), 'hex'), '\r\n\r\n'],
    mostReplies: 1,
  }),
  'many headers': () => ({
    steps: [head('GET /healthz HTTP/1.1', ...Array.from({ length: 3_000 }, (_, i) => `A${i}: b`))],
    mostReplies: 1,
  }),
  upgrade: () => ({
    steps: [head('GET /healthz HTTP/1.1', 'Connection: Upgrade, close', 'Upgrade: h2c, websocket')],
    mostReplies: 1,
  }),
  expect: (_, random) => ({
    steps: [
      head(
        'POST /api/login/ HTTP/1.1',
        `Expect: ${random.pick(['100-continue', '200-ok'])}`,
        'Content-Length: 2',
        JSON_TYPE,
        'Connection: close',
      ),
      20,
      '{}',
    ],
    mostReplies: 2,
  }),
  pipelined: (token) => ({
    steps: [
      head('GET /api/me/ HTTP/1.1', `Authorization: Bearer ${token}`).repeat(20) +
        head('GET /healthz HTTP/1.1', 'Connection: close'),
    ],
    mostReplies: 21,
  }),
  'slow body': (token, random) => ({
    steps: [
      chatHead(token, 40),
      100 + random.below(400),
      '{"message"',
      100 + random.below(400),
      ':"'.padEnd(30, 'a'),
    ],
    mostReplies: 1,
    isCut: random.chance(0.7),
  }),
  'half a head': (_, random) => ({
    steps: ['POST /api/chat/ HTT', random.below(300), 'P/1.1\r\nHost'],
    mostReplies: 1,
    isCut: true,
  }),
  'body after refusal': () => ({
    steps: [
      head(
        'POST /api/chat/ HTTP/1.1',
        'Authorization: Bearer x',
        'Content-Length: 300000',
        JSON_TYPE,
      ),
      Buffer.alloc(150_000, 0x20),
      20,
      Buffer.alloc(150_000, 0x20),
      head('GET /healthz HTTP/1.1', 'Connection: close'),
    ],
    mostReplies: 2,
  }),
  'gone at once': (token) => ({
    steps: [chatHead(token, 19), '{"message":"#gone"}'],
    mostReplies: 1,
    isCut: true,
  }),
  'stream unread': (token) => ({
    steps: [
      chatHead(token, 60),
      '{"message":"#unread ~long~","model":"usage","stream":true}'.padEnd(60),
      30,
    ],
    mostReplies: 1,
    isCut: true,
  }),
};

const NAMES = Object.keys(ATTACKS);

function chatHead(token: string, length: number): string {
  const authorization = `Authorization: Bearer ${token}`;
  const lengthLine = `Content-Length: ${length}`;
  return head('POST /api/chat/ HTTP/1.1', authorization, lengthLine, JSON_TYPE);
}

/** A request whose end is unclear, with a second one in what may be its body. */
function smuggling(first: string, second: string, rest: string): Attack {
  const line = 'POST /api/token/verify/ HTTP/1.1';
  return { steps: [head(line, first, second, JSON_TYPE) + rest], mostReplies: 1 };
}

/**
 * Carries out one attack, chosen at random.
 * @returns what came back
 */
export async function attackRaw(site: Site, random: Random): Promise<RawReply> {
  const name = random.pick(NAMES);
  // The tokens of an account whose charges nobody compares: some of these are answered unseen.
  const token = site.identities.find((it) => it.name === 'eve')?.credential ?? '';
  const attack = (ATTACKS[name] as MakeAttack)(token, random);
  const startedMs = performance.now();
  const { hostname, port } = new URL(site.server.url);
  const socket = connect({ port: Number(port), host: hostname });
  let text = '';
  let isHanging = false;
  let isWritten = false;
  let quiet: NodeJS.Timeout | undefined;
  // Connections stay open for more requests, so an answer is over when no more of it comes.
  const endWhenQuiet = () => {
    clearTimeout(quiet);
    if (isWritten && text !== '') quiet = setTimeout(() => socket.destroy(), QUIET_MS);
  };
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    text += chunk;
    endWhenQuiet();
  });
  socket.on('error', () => undefined);
  const timer = setTimeout(() => {
    isHanging = true;
    socket.destroy();
  }, MOST_MS);
  for (const step of attack.steps) {
    if (typeof step === 'number') await sleep(step);
    else if (!socket.destroyed) socket.write(step, 'latin1');
  }
  isWritten = true;
  endWhenQuiet();
  if (attack.isCut) socket.destroy();
  await closed;
  clearTimeout(timer);
  clearTimeout(quiet);
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, it]) => Number(it));
  const isTooMany = statuses.length > attack.mostReplies;
  return {
    attack: isTooMany ? `${name} (smuggled)` : name,
    statuses,
    text,
    elapsedMs: performance.now() - startedMs,
    isHanging: isHanging && statuses.length === 0,
  };
}
