/** After a hostile run: the ledger, the holds, the statements, and what nobody may change. */
import { setTimeout as sleep } from 'node:timers/promises';
import { query } from '../support/database.ts';
import { runChit } from '../support/server.ts';
import type { Records } from './records.ts';
import type { Identity, Site } from './site.ts';

/** By default a hold of a server that is gone is ended after this time, and two seconds more. */
const LEASE_SECONDS = 10;
const MOST_HOLD_SECONDS = LEASE_SECONDS + 2;

interface Line {
  readonly kind: string;
  readonly amount: number;
  readonly balance_after: number;
  readonly message_id: string | null;
}

interface Message {
  readonly id: string;
  readonly cost: number | null;
}

/** What is wrong in the books, while the server still runs; nothing should be. */
export async function checkBooks(site: Site, records: Records): Promise<string[]> {
  const faults = await waitForHolds(site);
  const { folder } = site.server;
  const wrong = await query(
    folder,
    'SELECT id FROM accounts WHERE posted < 0 OR held < 0 OR held > posted',
  );
  faults.push(...wrong.map(({ id }) => `The balance of account ${id} is out of its range.`));
  faults.push(...(await records.faults(site)));
  for (const identity of site.identities) {
    if (identity.isCounted && identity.kind === 'user') {
      faults.push(...(await checkStatement(site, identity)));
    }
  }
  const verified = await runChit(folder, ['ledger', 'verify']);
  if (verified.code !== 0) faults.push(`ledger verify: ${verified.stdout}${verified.stderr}`);
  return faults;
}

/** Replies that nobody waits for any more may take some seconds. */
async function waitForHolds({ server }: Site): Promise<string[]> {
  const deadlineMs = performance.now() + MOST_HOLD_SECONDS * 1_000;
  for (;;) {
    const open = await query(server.folder, "SELECT id FROM holds WHERE state = 'open'");
    if (open.length === 0) return [];
    if (performance.now() > deadlineMs) {
      return [`${open.length} holds are open after ${MOST_HOLD_SECONDS} s.`];
    }
    await sleep(250);
  }
}

interface Limits {
  readonly accounts: readonly {
    readonly id: string;
    readonly available: number;
    readonly held: number;
  }[];
}

/** Compares what the messages of a user say that they cost with the statement. */
async function checkStatement(site: Site, { name, credential }: Identity): Promise<string[]> {
  const lines = await allOf<Line>(site, credential, '/api/tokens/history/', 'results');
  const limits = (await site.ask(credential, 'GET', '/api/limits/')).json as Limits;
  const personal = limits.accounts.find(({ id }) => id === 'personal');
  const tokens = personal && personal.available + personal.held;
  const faults: string[] = [];
  if (lines.some((it) => it.balance_after < 0)) faults.push(`${name} had a balance below zero.`);
  const sum = lines.reduce((total, { amount }) => total + amount, 0);
  if (sum !== tokens) faults.push(`${name} has ${tokens}, but the statement adds up to ${sum}.`);
  const charged = new Map(
    lines.filter(({ kind }) => kind === 'charge').map((it) => [it.message_id, 0 - it.amount]),
  );
  const conversations = await allOf<{ id: string }>(
    site,
    credential,
    '/api/conversations/',
    'conversations',
  );
  for (const { id } of conversations) {
    const path = `/api/conversations/${id}/messages/`;
    for (const message of await allOf<Message>(site, credential, path, 'messages')) {
      const booked = charged.get(message.id) ?? 0;
      if (message.cost !== booked) {
        faults.push(`${name} was told ${message.cost} for ${message.id}, and charged ${booked}.`);
      }
    }
  }
  return faults;
}

async function allOf<T>(site: Site, access: string, path: string, list: string): Promise<T[]> {
  const all: T[] = [];
  let cursor = '';
  for (;;) {
    const answer = await site.ask(access, 'GET', `${path}?limit=200${cursor}`);
    const page = answer.json as Record<string, unknown>;
    all.push(...(page[list] as T[]));
    if (typeof page.next_cursor !== 'string') return all;
    cursor = `&cursor=${page.next_cursor}`;
  }
}
