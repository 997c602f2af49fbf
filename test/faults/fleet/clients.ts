/** Clients that send every kind of request, leave, retry, follow and stop. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange } from './exchange.ts';
import {
  type Account,
  bearer,
  follow,
  isRelayed,
  KINDS,
  modelsOf,
  type Spending,
  spend,
  stop,
  type Told,
} from './kinds.ts';
import { isUnresolved, type Sent } from './records.ts';
import { longScript, pick, randomScript, slowScript } from './scripts.ts';

/** A client, with what it sent in this round. */
export interface Client {
  readonly account: Account;
  /** The conversation of this round. */
  conversationId: string;
  sent: Sent[];
}

/** Where requests are sent to: any of the servers. */
export type AnyUrl = () => string;

/** How a round of clients goes. */
export interface Round {
  readonly anyUrl: AnyUrl;
  readonly random: () => number;
  /** Aborts when no new requests are to be sent. */
  readonly over: AbortSignal;
  /** How many of the requests have a long answer, from 0 to 1. */
  readonly longShare: number;
  /** Counts connections that a client cut. */
  readonly onCut: () => void;
}

/** After a refusal a client waits, so that it does not spin. */
const AFTER_REFUSAL_MS = 150;
/** Where no server listens, and between two requests. */
const AWAY_MS = 400;
const MOST_PAUSE_MS = 80;
const RESOLVED_AT_ONCE = 5;
const MOST_FOLLOWS = 8;

/** Opens the conversation of a round. The servers have to be well. */
export async function openConversation(url: string, client: Client): Promise<void> {
  const asked = { headers: bearer(client.account.access), body: {} };
  const { status, body } = await exchange(`${url}/api/conversations/`, asked);
  if (status !== 201) throw new Error(`No conversation: ${status} ${body}`);
  client.conversationId = (JSON.parse(body) as { id: string }).id;
}

/** Sends requests until the round is over. */
export async function sendUntilOver(client: Client, round: Round): Promise<void> {
  const { random, over } = round;
  while (!over.aborted) {
    const isLong = random() < round.longShare;
    const script = isLong ? longScript() : randomScript(random);
    const kind = pick(random, KINDS);
    const spending: Spending = {
      kind,
      content: script.content,
      model: pick(random, modelsOf(kind)),
      key: random() < 0.6 ? randomUUID() : undefined,
      conversationId: client.conversationId,
    };
    const sent: Sent = { spending, script, account: client.account, tries: [], follows: [] };
    client.sent.push(sent);
    const leaves = !isLong && random() < 0.12;
    if (leaves) round.onCut();
    const told = await tryOnce(round.anyUrl, sent, leaves ? random() * 250 : undefined);
    if (told.claim === 'pending') await followUntilOver(sent, round);
    else if (told.status === 0) await sleep(AWAY_MS);
    else await sleep(random() * MOST_PAUSE_MS);
    // Some retry at once, while the first try may still be running.
    if (isUnresolved(sent) && spending.key && random() < 0.5) await tryOnce(round.anyUrl, sent);
  }
}

/**
 * Leaves early what each API of `/v1/` answers, once: the servers have to be well, so that they
 * read on for the usage of it.
 */
export async function leaveEarly(
  client: Client,
  { anyUrl, random, onCut }: Leaving,
): Promise<void> {
  for (const kind of KINDS) {
    if (!isRelayed(kind)) continue;
    const script = slowScript();
    const model = modelsOf(kind).find((it) => it !== 'flat') ?? '';
    const { conversationId } = client;
    const spending = { kind, content: script.content, model, key: undefined, conversationId };
    const sent: Sent = { spending, script, account: client.account, tries: [], follows: [] };
    client.sent.push(sent);
    onCut();
    await tryOnce(anyUrl, sent, 50 + random() * 200);
  }
}

type Leaving = Pick<Round, 'anyUrl' | 'random' | 'onCut'>;

/** Asks again until it is known how every request ended; the servers have to be well. */
export async function resolve(client: Client, anyUrl: AnyUrl, endMs: number): Promise<void> {
  const unresolved = client.sent.filter(isUnresolved);
  const workers = Array.from({ length: RESOLVED_AT_ONCE }, async () => {
    for (let sent = unresolved.pop(); sent; sent = unresolved.pop()) {
      await resolveOne(sent, anyUrl, endMs);
    }
  });
  await Promise.all(workers);
}

async function resolveOne(sent: Sent, anyUrl: AnyUrl, endMs: number): Promise<void> {
  while (isUnresolved(sent) && Date.now() < endMs) {
    const id = sent.tries.at(-1)?.messageId;
    const told =
      id === undefined || sent.spending.kind !== 'conversation'
        ? await tryOnce(anyUrl, sent)
        : await followOnce(anyUrl(), sent, id);
    if (told.claim !== 'whole') await sleep(AFTER_REFUSAL_MS);
  }
}

async function tryOnce(anyUrl: AnyUrl, sent: Sent, leavesAfterMs?: number): Promise<Told> {
  const told = await spend(anyUrl(), sent.account, sent.spending, leavesAfterMs);
  sent.tries.push(told);
  return told;
}

/** Follows a reply as the page does: from server to server, from where it was read up to. */
async function followUntilOver(sent: Sent, { anyUrl, random, over, onCut }: Round): Promise<void> {
  const id = sent.tries.at(-1)?.messageId ?? '';
  const stopsAfterMs = random() < 0.2 ? random() * 500 : undefined;
  const stopped =
    stopsAfterMs === undefined
      ? undefined
      : sleep(stopsAfterMs).then(async () => {
          const told = await stop(anyUrl(), sent.account, id);
          sent.follows.unshift({ told, textBefore: '' });
        });
  for (let turn = 0; turn < MOST_FOLLOWS && !over.aborted; turn += 1) {
    const leaves = random() < 0.3;
    if (leaves) onCut();
    const told = await followOnce(anyUrl(), sent, id, leaves ? random() * 200 : undefined);
    if (told.claim !== 'unknown') break;
    await sleep(AFTER_REFUSAL_MS);
  }
  await stopped;
}

async function followOnce(
  url: string,
  sent: Sent,
  messageId: string,
  leavesAfterMs?: number,
): Promise<Told> {
  const last = sent.follows.findLast(({ told }) => told.status === 200);
  const textBefore = last ? last.textBefore + last.told.text : '';
  const told = await follow(url, sent.account, messageId, textBefore.length, leavesAfterMs);
  sent.follows.push({ told, textBefore });
  return told;
}
