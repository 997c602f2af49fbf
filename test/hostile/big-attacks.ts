/** Attacks with much of something: each holds a server up that does not limit it. */
import { send } from '../support/http.ts';
import { hostileText, MODERATE } from './hostile-values.ts';
import type { HostileRequest } from './make-request.ts';
import type { Random } from './random.ts';
import type { Identity, Site } from './site.ts';

const MEGABYTE = 1_000_000;
const RELAYED_BYTES = 32 * 1024 * 1024 - 1_000;
const LONG_CHATS = 40;
/** A page of a search, or a path, is as long as its schema allows. */
const SLOW_QUERY = encodeURIComponent(`${'ä'.repeat(199)}b`);

interface Part {
  readonly by: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Made only when it is sent, since it may be large. */
  readonly body?: () => string;
  /** Sent so many times at once. */
  readonly copies: number;
}

/** The attacks by name. */
const BIG_ATTACKS: Readonly<Record<string, (random: Random, site: Site) => Part>> = {
  'random letters, not paid': (random) => ({
    ...posted('carol', '/api/chat/', 4),
    body: () => JSON.stringify({ message: letters(random, MEGABYTE), model: 'usage' }),
  }),
  'random letters under /v1': (random) => ({
    ...posted('alices key', '/v1/chat/completions', 2),
    body: () => chat('usage', letters(random, RELAYED_BYTES / 4)),
  }),
  'count_tokens of 32 MB': (random) => ({
    ...posted('bobs key', '/v1/messages/count_tokens', 2),
    body: () => chat('claude', letters(random, RELAYED_BYTES)),
  }),
  'empty lists of 32 MB': () => ({
    ...posted('alices key', '/v1/chat/completions', 2),
    body: () => `{"model":"usage","messages":[${list('[]', RELAYED_BYTES)}]}`,
  }),
  'a list of 200,000 inputs': () => ({
    ...posted('alices key', '/v1/responses', 2),
    body: () => `{"model":"usage","input":[${list('{"role":"user","content":"a"}', 6_000_000)}]}`,
  }),
  'a list of 200,000 texts to embed': () => ({
    ...posted('bobs key', '/v1/embeddings', 2),
    body: () => `{"model":"embed","input":[${list('"a"', 800_000)}]}`,
  }),
  'refused bodies of 32 MB': () => ({
    ...posted('bobs flat', '/v1/chat/completions', 8),
    body: () => chat('usage', 'a '.repeat(RELAYED_BYTES / 2 - 100)),
  }),
  'a slow search': () => asked('eve', `/api/conversations/?q=${SLOW_QUERY}`, 3),
  'twenty searches': (random) => {
    const text = hostileText(random, MODERATE).toWellFormed();
    return asked('eve', `/api/conversations/?q=${encodeURIComponent(text)}`, 20);
  },
  'an export': (_, { ids }) =>
    asked('eve', `/api/conversations/${ids.all('big conversation')[0]}/export/?format=json`, 3),
  'a large share': (_, { ids }) => asked('nobody', `/api/shared/${ids.all('big share')[0]}/`, 5),
  'long pages': (_, { ids }) =>
    asked('eve', `/api/conversations/${ids.all('big conversation')[0]}/messages/?limit=200`, 3),
  'wrong passwords': (random) => ({
    ...posted('nobody', '/api/login/', 50),
    body: () => JSON.stringify({ username: `none${random.hex(6)}`, password: 'x' }),
  }),
};
const NAMES = Object.keys(BIG_ATTACKS);

function posted(by: string, path: string, copies: number): Part {
  return { by, method: 'POST', path, copies };
}

function asked(by: string, path: string, copies: number): Part {
  return { by, method: 'GET', path, copies };
}

function chat(model: string, content: string): string {
  const limits = { max_tokens: 20 };
  return JSON.stringify({ model, ...limits, messages: [{ role: 'user', content }] });
}

function list(item: string, bytes: number): string {
  const count = Math.floor(bytes / (item.length + 1));
  return `${`${item},`.repeat(count - 1)}${item}`;
}

/** No two blocks are the same, so that no cache of words helps. */
function letters(random: Random, length: number): string {
  const block = random.hex(100_000).replace(/\d/g, (it) => 'ghijklmnop'.charAt(Number(it)));
  let text = '';
  while (text.length < length) text += block.slice(random.below(50_000));
  return text.slice(0, length);
}

/** Fills a conversation with long messages, as far as the server stores them. */
export async function prepareBigAttacks(site: Site): Promise<void> {
  const eve = identityNamed(site, 'eve');
  const path = '/api/conversations/';
  const made = await site.ask(eve.credential, 'POST', path, { title: 'big' });
  const { id } = made.json as { id: string };
  const body = JSON.stringify({ message: 'ä'.repeat(MEGABYTE / 2 - 100) });
  for (let sent = 0; sent < LONG_CHATS; sent += 1) {
    await send(`${site.server.url}${path}${id}/messages/`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${eve.credential}`,
        'content-type': 'application/json',
      },
      body,
    });
  }
  const answer = await site.ask(eve.credential, 'POST', `${path}${id}/share/`);
  const { share } = answer.json as { share: string };
  site.ids.add('big conversation', id);
  site.ids.add('big share', share.split(/[/#]/).filter(Boolean).at(-1));
}

/** A request of one of the attacks, and how often it is to be sent at once. */
export function bigAttack(site: Site, random: Random, number: number): HostileRequest {
  const name = random.pick(NAMES);
  const part = (BIG_ATTACKS[name] as (typeof BIG_ATTACKS)[string])(random, site);
  const identity = identityNamed(site, part.by);
  const isSignedIn = identity.kind !== 'nobody';
  const body = part.body && Buffer.from(part.body());
  return {
    number,
    identity,
    method: part.method,
    path: part.path,
    route: `(big: ${name})`,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(isSignedIn && { authorization: `Bearer ${identity.credential}` }),
    },
    body,
    mark: '',
    isValid: false,
    isSignedIn: false,
    copies: part.copies,
    cutAfterMs: undefined,
  };
}

function identityNamed(site: Site, name: string): Identity {
  const identity = site.identities.find((it) => it.name === name);
  if (!identity) throw new Error(`There is nobody called ${name}.`);
  return identity;
}
