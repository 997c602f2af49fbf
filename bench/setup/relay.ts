/** Chit in front of a provider, and the requests that its clients send. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApiKey } from '../../src/app/accounts/api-keys.ts';
import { openAccount } from '../../src/app/accounts/register-user.ts';
import { type BenchServer, startChit, startProvider } from '../system/processes.ts';
import { newWorkspace, openWorkspace, type Workspace } from './workspaces.ts';

const USERS = 32;
const OPENING_CREDITS = '1000000000';
/** The name of the one model. */
export const MODEL = 'relayed';
/** Usage is charged, so the input is counted for every request. */
const PRICE = { perMillionInput: 250, perMillionOutput: 2_000 };

export interface Relay {
  readonly workspace: Workspace;
  readonly provider: BenchServer;
  readonly chit: BenchServer;
  /** One for each account. */
  readonly keys: readonly string[];
  /** One for each account with less. */
  readonly poorKeys: readonly string[];
}

/**
 * Starts a provider and, with its defaults and SQLite, a server in front of it.
 * @param also how many accounts with less there are, and how much they have
 */
export async function startRelay(also = { poor: 0, poorCredits: 0 }): Promise<Relay> {
  const provider = await startProvider();
  const workspace = await newWorkspace('sqlite');
  const opened = await openWorkspace(workspace, { CHIT_SIGNUP_TOKENS: OPENING_CREDITS });
  const keys: string[] = [];
  for (let index = 0; index < USERS + also.poor; index += 1) {
    const openingCredits = index < USERS ? Number(OPENING_CREDITS) : also.poorCredits;
    const who = { username: `user-${index}`, password: 'a passphrase', isStaff: false };
    const account = { ...who, openingCredits, isSuperuser: false };
    const { userId } = await openAccount(opened.context, account, {});
    const anyUse = { models: undefined, budgetCredits: undefined, expiresAtMs: undefined };
    keys.push((await createApiKey(opened.context, { userId, name: 'bench', ...anyUse })).key);
  }
  await opened.close();
  writeFileSync(join(workspace.folder, 'chit.json'), relayDeployment(provider.port));
  const chit = await startChit(workspace);
  return { workspace, provider, chit, keys: keys.slice(0, USERS), poorKeys: keys.slice(USERS) };
}

/** The contents of a `chit.json` with one model, of the provider on this port. */
export function relayDeployment(port: number): string {
  return JSON.stringify({
    providers: { bench: { wire: 'openai', baseUrl: `http://127.0.0.1:${port}/v1` } },
    models: [{ name: MODEL, provider: 'bench', price: PRICE }],
  });
}

/** A request for a whole answer. */
export function wholeRequest(key: string): string {
  return post(key, wholeBody());
}

/** Its body. */
export function wholeBody(): string {
  const content = 'How many tokens does a message cost here, and when am I charged?';
  const messages = [{ role: 'user', content }];
  return JSON.stringify({ model: MODEL, max_tokens: 100, messages });
}

/** A request for a stream of so many pieces, so far apart. */
export function streamRequest(key: string, wanted: { chunks: number; delayMs: number }): string {
  const messages = [{ role: 'user', content: JSON.stringify(wanted) }];
  // More than is written, as with most answers: one that may pass its limit is counted.
  return post(key, JSON.stringify({ model: MODEL, max_tokens: 2_000, stream: true, messages }));
}

function post(key: string, body: string): string {
  const head = [
    'POST /v1/chat/completions HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
