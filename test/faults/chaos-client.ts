/** Clients of the fault harness: they act like real clients and keep their own records. */
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Step, script } from '../support/scripted-model.ts';

/** What a client knows of one message that it sent. */
export interface Sent {
  readonly content: string;
  readonly key: string | undefined;
  /** The status of the last response; 0 if the connection broke before it. */
  status: number;
  reply: string | undefined;
  isReplayed: boolean;
  tries: number;
}

export interface ChaosClient {
  readonly access: string;
  readonly sent: Sent[];
}

const LONG_WORDS = 'word '.repeat(450);

/** Scripts of many kinds; no two are the same. */
export function randomScript(random: () => number): string {
  const wait: Step = { waitMs: Math.floor(random() * 60) };
  const usage: Step = { usage: { inputTokens: 20, outputTokens: 1 + Math.floor(random() * 20) } };
  const shapes: Step[][] = [
    [{ say: 'at once' }],
    [{ say: 'at once' }, usage],
    [{ say: 'one ' }, wait, { say: 'two ' }, wait, { say: 'three' }, usage],
    [{ say: LONG_WORDS }, wait, { say: LONG_WORDS }, wait, usage],
    [{ say: LONG_WORDS }, { waitMs: 600 }, { say: 'the end' }],
    [{ say: 'half a ' }, wait, { fail: 'broke off' }],
    [wait, { fail: 'refused' }],
  ];
  const shape = shapes[Math.floor(random() * shapes.length)] ?? [];
  return script({ note: randomUUID() }, ...shape);
}

/** Sends messages until the server is gone; sometimes disconnects before the response. */
export async function chatUntilGone(
  url: string,
  client: ChaosClient,
  random: () => number,
): Promise<void> {
  let isGone = false;
  while (!isGone) {
    const key = random() < 0.6 ? randomUUID() : undefined;
    const content = randomScript(random);
    const entry: Sent = { content, key, status: 0, reply: undefined, isReplayed: false, tries: 0 };
    client.sent.push(entry);
    const leavesAfterMs = random() < 0.1 ? Math.floor(random() * 40) : undefined;
    isGone = (await send(url, client, entry, leavesAfterMs)) === 'gone';
  }
}

/** Retries, with their keys, the messages without a final response. */
export async function retryUnanswered(url: string, client: ChaosClient): Promise<void> {
  for (const entry of client.sent) {
    if (entry.key === undefined) continue;
    while (entry.status === 0 || entry.status === 409 || entry.status === 503) {
      if ((await send(url, client, entry)) === 'gone') return;
      if (entry.status === 409) await sleep(100);
    }
  }
}

/** Sends one message and records the outcome. */
export function send(
  url: string,
  client: ChaosClient,
  entry: Sent,
  leavesAfterMs?: number,
): Promise<'answered' | 'left' | 'gone'> {
  const headers: Record<string, string> = {
    authorization: `Bearer ${client.access}`,
    'content-type': 'application/json',
  };
  if (entry.key) headers['idempotency-key'] = entry.key;
  entry.tries += 1;
  entry.status = 0;
  return new Promise((resolve) => {
    const outgoing = request(`${url}/api/chat/`, { method: 'POST', agent: false, headers });
    let hasLeft = false;
    const timer =
      leavesAfterMs !== undefined &&
      setTimeout(() => {
        hasLeft = true;
        outgoing.destroy();
      }, leavesAfterMs);
    const gone = () => {
      clearTimeout(timer || undefined);
      resolve(hasLeft ? 'left' : 'gone');
    };
    outgoing.on('error', gone);
    outgoing.on('response', (incoming) => {
      let text = '';
      incoming.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      incoming.on('error', gone);
      incoming.on('end', () => {
        clearTimeout(timer || undefined);
        entry.status = incoming.statusCode ?? 0;
        entry.isReplayed = incoming.headers['idempotent-replayed'] === 'true';
        if (entry.status === 200) entry.reply = (JSON.parse(text) as { response: string }).response;
        resolve('answered');
      });
    });
    outgoing.end(JSON.stringify({ message: entry.content }));
  });
}
