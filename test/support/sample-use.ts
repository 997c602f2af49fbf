/** Sample users with usage over the last weeks, for screenshots and lists. */
import { openAccount } from '../../src/app/accounts/register-user.ts';
import type { Chit } from '../../src/compose.ts';
import type { Command } from '../../src/core/ledger.ts';
import { costOf, textPrice } from '../../src/core/pricing.ts';
import { textUsage, totalInput } from '../../src/core/usage.ts';

const DAY_MS = 86_400_000;
const NAMES = ['ada', 'grace', 'alan', 'edsger', 'barbara', 'donald', 'margaret', 'dennis'];
const PRICE = textPrice({
  perMillionInput: 2_000,
  perMillionCachedInput: 200,
  perMillionOutput: 10_000,
});
const MODELS = ['claude', 'gpt', 'local'] as const;

/** Pseudo-random numbers, the same each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** An id with this creation time. */
function idAt(atMs: number, nth: number): string {
  const time = Math.floor(atMs).toString(16).padStart(12, '0');
  const count = nth.toString(16).padStart(15, '0');
  const tail = `7${count.slice(0, 3)}-8${count.slice(3, 6)}-${count.slice(6).padStart(12, '0')}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${tail}`;
}

/**
 * Adds users with usage up to now.
 * @returns their ids
 */
export async function fillWithUse(
  { context }: Chit,
  amount: { readonly users: number; readonly days: number; readonly messagesADay: number },
): Promise<number[]> {
  const next = numbers(7);
  const ids: number[] = [];
  const flags = { isStaff: false, isSuperuser: false };
  for (let nth = 0; nth < amount.users; nth += 1) {
    const name = NAMES[nth % NAMES.length] ?? '';
    const username = nth < NAMES.length ? name : `${name}.${nth}`;
    const account = { username, password: 'a long passphrase', openingCredits: 20_000, ...flags };
    ids.push((await openAccount(context, account, {})).userId);
  }
  const nowMs = context.now();
  const seen = new Map<number, number>();
  let nth = 0;
  for (let day = amount.days; day >= 0; day -= 1) {
    const weekday = new Date(nowMs - day * DAY_MS).getUTCDay();
    const share = weekday === 0 || weekday === 6 ? 0.35 : 1;
    const many = Math.round(amount.messagesADay * share * (0.7 + 0.6 * next()));
    const batch: Command[] = [];
    for (let message = 0; message < many; message += 1) {
      nth += 1;
      const atMs = Math.min(nowMs - 1_000, Math.floor(nowMs - (day + next() * 0.9) * DAY_MS));
      const accountId = ids[Math.floor(next() ** 2 * ids.length)] ?? 0;
      const model = MODELS[Math.floor(next() * MODELS.length)] ?? 'local';
      seen.set(accountId, Math.max(seen.get(accountId) ?? 0, atMs));
      const usage = textUsage({
        input: Math.round(400 + 3_000 * next()),
        cachedInput: 0,
        output: Math.round(80 + 900 * next()),
      });
      const about = { generationId: idAt(atMs, nth), accountId };
      const costCredits = costOf(PRICE, usage);
      const most = { mostCredits: costCredits, leastCredits: 0, price: PRICE, model };
      const words = { content: 'A question', idempotency: undefined, leaseId: context.lease.id };
      const held = {
        ...about,
        ...most,
        ...words,
        inputTokens: totalInput(usage.counts) ?? 0,
        atMs,
      };
      batch.push({ kind: 'hold', ...held });
      const endedMs = atMs + Math.round(600 + 9_000 * next() ** 2);
      if (next() < 0.03) {
        const reason = 'model_failed';
        batch.push({ kind: 'release', ...about, reason, atMs: endedMs });
        continue;
      }
      const said = { reply: 'An answer.', status: 'complete', failure: undefined } as const;
      const cost = { costCredits, usage, usageSource: 'provider' } as const;
      batch.push({ kind: 'settle', ...about, ...cost, ...said, atMs: endedMs });
    }
    await Promise.all(
      batch.filter(({ kind }) => kind === 'hold').map((it) => context.ledger.submit(it)),
    );
    await Promise.all(
      batch.filter(({ kind }) => kind !== 'hold').map((it) => context.ledger.submit(it)),
    );
  }
  await context.users.noteSeen(seen);
  return ids;
}
