/** Whether texts whose tokens have to be counted hold up the chats of others. */
import { request } from 'node:http';
import type { LoadResult } from '../load/load-job.ts';
import { type Speed, speedOf } from '../load/speed.ts';
import { median } from '../load/statistics.ts';
import { type Side, warmUp } from '../load/take-turns.ts';
import type { Bench } from '../plan.ts';
import { checkLedger, type LedgerCheck } from '../setup/check-ledger.ts';
import { MODEL, startRelay, wholeRequest } from '../setup/relay.ts';

const CONNECTIONS = 8;
export const TEXTS = { requests: 20, bytes: 1_000_000 } as const;
/** Pays for the text, but not for as many tokens as it has bytes, so that it is counted. */
const POOR_CREDITS = 200;

export interface CountingSpeed {
  /** Other users' answers without such texts, and with them. */
  readonly calm: Speed;
  readonly beside: Speed;
  /** By how much the 99th percentile is higher beside them: the median of the rounds. */
  readonly addedP99Ms: number;
  /** Until all of the texts were answered: the median of the rounds. */
  readonly answeredMs: number;
}

/** Answers of others, alone and while 20 texts of 1 MB are on their way at once, in turns. */
export async function measureCounting(
  bench: Bench,
): Promise<{ readonly speed: CountingSpeed; readonly check: LedgerCheck }> {
  const { plan, progress, load } = bench;
  progress.show('counting: starting');
  const relay = await startRelay({ poor: TEXTS.requests, poorCredits: POOR_CREDITS });
  const { port } = relay.chit;
  const requests = relay.keys.map(wholeRequest);
  const side: Side = { name: 'Chit', port, requests, results: [] };
  await warmUp(bench, 'counting', [side]);
  const bodies = relay.poorKeys.map(() => randomWords());
  const send = () =>
    Promise.all(relay.poorKeys.map((key, nth) => post(port, key, bodies[nth] ?? '')));
  const statuses = await send();
  const calm: LoadResult[] = [];
  const beside: LoadResult[] = [];
  const answeredMs: number[] = [];
  for (let round = 0; round < plan.chatRounds; round += 1) {
    progress.show(`counting: round ${round + 1} of ${plan.chatRounds}`);
    const job = { port, connections: CONNECTIONS, measureMs: plan.measureMs, requests };
    calm.push(await load.run({ ...job, warmUpMs: plan.warmUpMs }));
    const measured = load.run({ ...job, warmUpMs: 0 });
    const beganMs = performance.now();
    const sent = send().then((all) => {
      answeredMs.push(performance.now() - beganMs);
      statuses.push(...all);
    });
    beside.push(await measured);
    await sent;
  }
  await relay.chit.stop();
  await relay.provider.stop();
  const answered = statuses.filter((status) => status === 200).length;
  const otherStatuses: Record<string, number> = {};
  for (const status of statuses) {
    if (status !== 200) otherStatuses[status] = (otherStatuses[status] ?? 0) + 1;
  }
  const results = [...side.results, ...calm, ...beside, { answered, otherStatuses }];
  const check = await checkLedger('Chit (counting)', relay.workspace, results);
  const added = beside.map(({ p99Ms }, round) => p99Ms - (calm[round]?.p99Ms ?? 0));
  const speed = {
    calm: speedOf(calm),
    beside: speedOf(beside),
    addedP99Ms: median(added),
    answeredMs: median(answeredMs),
  };
  return { speed, check };
}

/** Words that no tokenizer knows as a whole. */
function randomWords(): string {
  let text = '';
  while (text.length < TEXTS.bytes) text += `${Math.random().toString(36).slice(2, 10)} `;
  return JSON.stringify({
    model: MODEL,
    max_tokens: 100,
    messages: [{ role: 'user', content: text }],
  });
}

function post(port: number, key: string, body: string): Promise<number> {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': String(body.length),
  };
  const options = { port, method: 'POST', path: '/v1/chat/completions', headers, agent: false };
  return new Promise((resolve, reject) => {
    const outgoing = request(options, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
