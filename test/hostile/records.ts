/** What clients were told of their messages, compared with the ledger in the end. */
import { query } from '../support/database.ts';
import type { Reply } from './client.ts';
import { type HostileRequest, PAID } from './make-request.ts';
import { FLAT_PRICE, type Site } from './site.ts';

/** All that came back for one message; a race sends it several times. */
interface Entry {
  readonly ownerName: string;
  readonly route: string;
  /** Whether all copies had the same idempotency key. */
  readonly isKeyed: boolean;
  answered: number;
  replayed: number;
  /** Charged or not: the client was gone, or the reply is written later. */
  unknown: number;
  /** Credits that clients were told, as far as they were. */
  readonly told: Set<number>;
}

type Told = readonly [kind: 'answered' | 'refused' | 'unknown', credits?: number | undefined];

const MARK = /#[0-9a-z]+\.\d+#/;

/** Keeps what clients were told. */
export class Records {
  readonly #entries = new Map<string, Entry>();

  /** Notes a reply, if its request could be charged. */
  note(request: HostileRequest, reply: Reply): void {
    const { identity, route, mark, isValid, headers } = request;
    const { ownerName } = identity;
    if (!isValid || !PAID.test(route) || !identity.isCounted || ownerName === undefined) return;
    let entry = this.#entries.get(mark);
    if (!entry) {
      const isKeyed = headers['idempotency-key'] !== undefined;
      const counts = { answered: 0, replayed: 0, unknown: 0 };
      entry = { ownerName, route, isKeyed, ...counts, told: new Set() };
      this.#entries.set(mark, entry);
    }
    const [kind, credits] = toldBy(request, reply);
    if (kind === 'refused') return;
    if (credits !== undefined) entry.told.add(credits);
    if (kind === 'unknown') entry.unknown += 1;
    else if (reply.headers['idempotent-replayed'] === 'true') entry.replayed += 1;
    else entry.answered += 1;
  }

  /** How many messages were answered. */
  get answered(): number {
    return [...this.#entries.values()].reduce((sum, { answered }) => sum + answered, 0);
  }

  /** What the ledger has of them differently. */
  async faults(site: Site): Promise<string[]> {
    const rows = await query(
      site.server.folder,
      `SELECT m.content AS content, u.username AS username, t.credits AS credits
       FROM messages m JOIN users u ON u.id = m.user_id LEFT JOIN transfers t ON t.id = m.id`,
    );
    const charges = new Map<string, number[]>();
    const faults: string[] = [];
    for (const { content, username, credits } of rows) {
      const [mark] = MARK.exec(String(content)) ?? [];
      const entry = mark && this.#entries.get(mark);
      if (!mark || !entry) continue;
      if (username !== entry.ownerName) faults.push(`${mark} is stored with ${username}`);
      if (credits === null) continue;
      charges.set(mark, [...(charges.get(mark) ?? []), 0 - Number(credits)]);
    }
    for (const [mark, entry] of this.#entries) {
      faults.push(...faultsOf(mark, entry, charges.get(mark) ?? []));
    }
    return faults;
  }
}

function faultsOf(mark: string, entry: Entry, charged: readonly number[]): string[] {
  const { route, isKeyed, answered, replayed, unknown, told } = entry;
  const isAnswered = answered + replayed > 0;
  const least = isKeyed ? Number(isAnswered) : answered;
  const most = isKeyed ? Number(isAnswered || unknown > 0) : answered + unknown;
  const what = `${mark} ${route}, ${JSON.stringify({ isKeyed, answered, replayed, unknown })}`;
  const isRight = least <= charged.length && charged.length <= most;
  const [credits] = told;
  const isTold = told.size === 0 || charged.every((it) => told.has(it));
  return [
    ...(isRight ? [] : [`${what}: charged ${charged.length} times`]),
    ...(isTold ? [] : [`${what}: told ${credits}, charged ${charged}`]),
  ];
}

/** What a reply tells of the charge. */
function toldBy({ route, body }: HostileRequest, reply: Reply): Told {
  const { status, headers, text, missing } = reply;
  if (missing) return ['unknown'];
  if (status >= 400) return ['refused'];
  // It is written in the background, and its cost is in the list of messages.
  if (route.startsWith('/api/conversations/')) return ['unknown'];
  const isStream = String(headers['content-type']).startsWith('text/event-stream');
  const asked = body?.toString('latin1') ?? '';
  if (route === '/api/chat/') {
    if (isStream) return toldByEvents(text);
    return ['answered', /claude|usage|embed/.test(asked) ? undefined : FLAT_PRICE];
  }
  // What is beyond the hold is not charged, and what the provider does not count, Chit does.
  if (/~(long|zero|omitted)~/.test(asked)) return [isStream ? 'unknown' : 'answered'];
  if (isStream) return toldByRelayedEvents(text, asked);
  return ['answered', isFlat(asked) ? FLAT_PRICE : tokensIn(text)];
}

function toldByEvents(text: string): Told {
  const done = /^event: done\ndata: (.*)$/m.exec(text)?.[1];
  if (done) return ['answered', (JSON.parse(done) as { cost: number }).cost];
  return /^event: error$/m.test(text) ? ['refused'] : ['unknown'];
}

function toldByRelayedEvents(text: string, asked: string): Told {
  const isWhole = /^data: \[DONE\]|"(message_stop|response\.completed)"/m.test(text);
  if (!isWhole) return ['unknown'];
  const usage = /^data: (\{.*"usage":\{.*)$/m.exec(text)?.[1];
  if (isFlat(asked)) return ['answered', FLAT_PRICE];
  const isChat = text.includes('chat.completion.chunk');
  return ['answered', isChat && usage ? tokensIn(usage) : undefined];
}

function isFlat(asked: string): boolean {
  return /"model":"(flat|shaky)"/.test(asked);
}

/** A token costs a credit. Undefined if the reply does not say how many there were. */
function tokensIn(json: string): number | undefined {
  const { usage } = JSON.parse(json) as { usage?: Record<string, number> | null };
  if (!usage) return undefined;
  const input = usage.prompt_tokens ?? usage.input_tokens ?? usage.total_tokens ?? 0;
  return input + (usage.completion_tokens ?? usage.output_tokens ?? 0);
}
