/** Chit in front of a provider, and the requests that its clients send. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApiKey } from '../src/app/accounts/api-keys.ts';
import { openAccount } from '../src/app/accounts/register-user.ts';
import { newPlace, openPlace, type Place } from './places.ts';
import { type BenchServer, startChit, startProvider } from './processes.ts';

const USERS = 32;
const OPENING_CREDITS = '1000000000';
const MODEL = 'relayed';
/** Usage is charged, so the input is counted for every request. */
const PRICE = { perMillionInput: 250, perMillionOutput: 2_000 };

export interface Relay {
  readonly place: Place;
  readonly provider: BenchServer;
  readonly chit: BenchServer;
  /** One for each account. */
  readonly keys: readonly string[];
}

/** Starts a provider and, with its defaults and SQLite, a server in front of it. */
export async function startRelay(): Promise<Relay> {
  const provider = await startProvider();
  const place = await newPlace('sqlite');
  const opened = await openPlace(place, { CHIT_SIGNUP_TOKENS: OPENING_CREDITS });
  const keys: string[] = [];
  for (let index = 0; index < USERS; index += 1) {
    const who = { username: `user-${index}`, password: 'a passphrase', isStaff: false };
    const account = { ...who, openingCredits: Number(OPENING_CREDITS), isSuperuser: false };
    const { userId } = await openAccount(opened.context, account, {});
    const anyUse = { models: undefined, budgetCredits: undefined, expiresAtMs: undefined };
    keys.push((await createApiKey(opened.context, { userId, name: 'bench', ...anyUse })).key);
  }
  await opened.close();
  const baseUrl = `http://127.0.0.1:${provider.port}/v1`;
  const deployment = {
    providers: { bench: { wire: 'openai', baseUrl } },
    models: [{ name: MODEL, provider: 'bench', price: PRICE }],
  };
  writeFileSync(join(place.folder, 'chit.json'), JSON.stringify(deployment));
  return { place, provider, chit: await startChit(place), keys };
}

/** A request for a whole answer. */
export function wholeRequest(key: string): string {
  const content = 'How many tokens does a message cost here, and when am I charged?';
  return post(key, { model: MODEL, max_tokens: 100, messages: [{ role: 'user', content }] });
}

/** A request for a stream of so many pieces, so far apart. */
export function streamRequest(key: string, wanted: { chunks: number; delayMs: number }): string {
  const messages = [{ role: 'user', content: JSON.stringify(wanted) }];
  return post(key, { model: MODEL, max_tokens: 100, stream: true, messages });
}

function post(key: string, value: object): string {
  const body = JSON.stringify(value);
  const head = [
    'POST /v1/chat/completions HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
