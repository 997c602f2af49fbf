/** What clients read afterwards, over HTTP, compared with what is booked. */
import type { Book, Generation } from './book.ts';
import type { Client } from './clients.ts';
import type { Finding } from './compare.ts';
import { exchange } from './exchange.ts';
import { bearer } from './kinds.ts';

interface StatementLine {
  readonly kind: string;
  readonly amount: number;
  readonly message_id: string | null;
  readonly timestamp: string;
}

interface ShownMessage {
  readonly id: string;
  readonly status: string;
  readonly reply: string | null;
  readonly cost: number | null;
}

/** Compares the statement and the conversation of each client with the book. */
export async function compareWithStatements(
  url: string,
  clients: readonly Client[],
  book: Book,
  sinceMs: number,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const generations = new Map(
    [...book.generations.values()].flat().map((generation) => [generation.id, generation]),
  );
  for (const client of clients) {
    const own = client.sent.flatMap(({ script }) => book.generations.get(script.id) ?? []);
    const lines = await statementOf(url, client, sinceMs);
    findings.push(...compareStatement(lines, own));
    for (const message of await messagesOf(url, client)) {
      const finding = compareMessage(message, generations.get(message.id));
      if (finding) findings.push(finding);
    }
  }
  return findings;
}

function compareStatement(
  lines: readonly StatementLine[],
  generations: readonly Generation[],
): Finding[] {
  const charges = new Map<string, number>();
  for (const { kind, amount, message_id: id } of lines) {
    if (kind === 'charge' && id !== null) charges.set(id, 0 - amount);
  }
  return generations.flatMap(({ id, charge, isOfPool }): Finding[] => {
    const shown = charges.get(id) ?? 0;
    // What a pool has paid is in its own statement.
    if (shown === charge || isOfPool) return [];
    return [{ column: 'sumMismatches', what: `${id}: ${shown} in the statement, not ${charge}` }];
  });
}

function compareMessage(
  { id, status, reply, cost }: ShownMessage,
  generation: Generation | undefined,
): Finding | undefined {
  if (!generation) return { column: 'lostAnswers', what: `${id} is shown and not stored` };
  const isSame =
    status === generation.status &&
    (reply ?? '') === generation.reply &&
    cost === generation.charge;
  return isSame
    ? undefined
    : { column: 'lostAnswers', what: `${id} is shown as ${status} ${cost}` };
}

async function statementOf(url: string, client: Client, sinceMs: number): Promise<StatementLine[]> {
  const lines: StatementLine[] = [];
  for (let cursor = ''; ; ) {
    const path = `/api/tokens/history/?limit=100${cursor && `&cursor=${cursor}`}`;
    const page = await read<{ results: StatementLine[]; next_cursor: string | null }>(
      url,
      client,
      path,
    );
    lines.push(...page.results);
    const last = page.results.at(-1);
    if (!page.next_cursor || !last || Date.parse(last.timestamp) < sinceMs) return lines;
    cursor = page.next_cursor;
  }
}

async function messagesOf(url: string, client: Client): Promise<ShownMessage[]> {
  const messages: ShownMessage[] = [];
  for (let cursor = ''; ; ) {
    const query = `limit=100${cursor && `&cursor=${cursor}`}`;
    const path = `/api/conversations/${client.conversationId}/messages/?${query}`;
    const page = await read<{ messages: ShownMessage[]; next_cursor: string | null }>(
      url,
      client,
      path,
    );
    messages.push(...page.messages);
    if (!page.next_cursor) return messages;
    cursor = page.next_cursor;
  }
}

async function read<T>(url: string, client: Client, path: string): Promise<T> {
  const asked = { method: 'GET', headers: bearer(client.account.access) };
  const { status, body } = await exchange(`${url}${path}`, asked);
  if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
  return JSON.parse(body) as T;
}
