/**
 * Several clients redeem the same codes, for credits and for a plan, on any of the servers, and ask
 * again until they know; what they were told is compared with what is booked.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeVouchers } from '../../../src/app/vouchers/make-vouchers.ts';
import { hashOfCode } from '../../../src/auth/voucher-codes.ts';
import type { Chit } from '../../../src/compose.ts';
import type { OpenDatabase } from '../../../src/store/database/dialect.ts';
import type { AnyUrl, Client } from './clients.ts';
import type { Finding } from './compare.ts';
import { exchange, type Received } from './exchange.ts';
import { bearer } from './kinds.ts';

/** One client redeems one code, with a key of its own. */
export interface Redemption {
  readonly userId: number;
  readonly access: string;
  readonly voucher: Voucher;
  readonly key: string;
  /** `unknown` until somebody was told; then the last that was told. */
  told: 'unknown' | 'redeemed' | 'used up' | 'not redeemed';
  /** What the answer said that it gave. */
  credits: number | undefined;
  tries: number;
}

interface Voucher {
  readonly code: string;
  readonly codeHash: string;
  /** What it gives; undefined for a plan. */
  readonly credits: number | undefined;
}

/** What was booked of a code for one user. */
interface Booked {
  readonly times: number;
  readonly credits: number;
}

/** The clients that redeem in a round. */
export interface Redeemers {
  readonly anyUrl: AnyUrl;
  readonly random: () => number;
  readonly clients: readonly Client[];
  /** Not tried yet in this round. */
  readonly vouchers: Voucher[];
  readonly redemptions: Redemption[];
}

const CREDITS = 11;
/** How many clients can redeem each code, and how many try it. */
const USES_PER_CODE = 2;
const TRIED_BY = 3;
const CODES = 400;
const PLAN_DAYS = 2;
const PAUSE_MS = 60;
const STAFF = { actor: 'cli:fleet', address: undefined, user: undefined } as const;

/** Makes the codes of a round; the database has to be well. */
export async function makeCodes({ context }: Chit, plan: string): Promise<Voucher[]> {
  const vouchers: Voucher[] = [];
  for (const isPlan of [false, true]) {
    const wanted = {
      name: `fleet ${randomUUID()}`,
      credits: isPlan ? undefined : CREDITS,
      plan: isPlan ? plan : undefined,
      planDays: isPlan ? PLAN_DAYS : undefined,
      expiresAtMs: undefined,
      codes: CODES,
      usesPerCode: USES_PER_CODE,
      usesPerUser: CODES,
    };
    const { batch } = await makeVouchers(context, STAFF, { wanted, idempotencyKey: undefined });
    for (let number = 1; number <= CODES; number += 1) {
      const code = context.voucherCodes.codeOf(batch.id, number);
      vouchers.push({ code, codeHash: hashOfCode(code), credits: wanted.credits });
    }
  }
  return vouchers;
}

/** Redeems code after code, each by several clients at once, until the round is over. */
export async function redeemUntilOver(redeemers: Redeemers, over: AbortSignal): Promise<void> {
  const { random, vouchers, redemptions, clients } = redeemers;
  while (!over.aborted) {
    const [voucher] = vouchers.splice(Math.floor(random() * vouchers.length), 1);
    if (!voucher) return;
    const from = Math.floor(random() * clients.length);
    const trying = Array.from({ length: TRIED_BY }, (_, nth): Redemption => {
      const { account } = clients[(from + nth) % clients.length] as Client;
      const { userId, access } = account;
      const untold = { told: 'unknown', credits: undefined, tries: 0 } as const;
      return { userId, access, voucher, key: randomUUID(), ...untold };
    });
    redemptions.push(...trying);
    await Promise.all(
      trying.map(async (it) => {
        await tryOnce(redeemers, it);
        if (it.told === 'unknown' && random() < 0.5) await tryOnce(redeemers, it);
      }),
    );
    await sleep(PAUSE_MS);
  }
}

/** Tries again whatever is unknown; the servers have to be well. */
export async function finishRedeeming(redeemers: Redeemers, endMs: number): Promise<void> {
  for (const it of redeemers.redemptions) {
    while (it.told === 'unknown' && Date.now() < endMs) {
      await tryOnce(redeemers, it);
      if (it.told === 'unknown') await sleep(PAUSE_MS);
    }
  }
}

async function tryOnce({ anyUrl }: Redeemers, it: Redemption): Promise<void> {
  const isFirst = it.tries === 0;
  it.tries += 1;
  const headers = { ...bearer(it.access), 'idempotency-key': it.key };
  const asked = { headers, body: { code: it.voucher.code } };
  const received = await exchange(`${anyUrl()}/api/vouchers/redeem/`, asked);
  const told = toldBy(received);
  if (told === 'redeemed') it.credits = (JSON.parse(received.body) as { tokens: number }).tokens;
  // After a try of unknown outcome, the key tells what it did: only "not redeemed" says nothing.
  if (isFirst || told !== 'not redeemed') it.told = told;
}

function toldBy({ status, headers, isWhole }: Received): Redemption['told'] {
  if (!isWhole) return 'unknown';
  if (status === 200) return 'redeemed';
  if (headers['chit-error'] === 'voucher_used_up') return 'used up';
  if (status < 500) return 'not redeemed';
  const params = JSON.parse(String(headers['chit-error-params'] ?? '{}')) as object;
  const isKnown = 'is_outcome_unknown' in params && params.is_outcome_unknown === false;
  return isKnown ? 'not redeemed' : 'unknown';
}

/** Compares what was told of the redemptions of a round with what is booked. */
export async function findingsOfRedemptions(
  database: OpenDatabase,
  redemptions: readonly Redemption[],
): Promise<Finding[]> {
  const booked = await bookedOf(database, [
    ...new Set(redemptions.map(({ voucher }) => voucher.codeHash)),
  ]);
  return compareRedemptions(redemptions, booked);
}

/** @param booked by the hash of the code and the id of the user */
export function compareRedemptions(
  redemptions: readonly Redemption[],
  booked: ReadonlyMap<string, ReadonlyMap<number, Booked>>,
): Finding[] {
  const findings: Finding[] = [];
  for (const it of redemptions) {
    const { told, credits, voucher, userId } = it;
    const ofCode = booked.get(voucher.codeHash);
    const { times, credits: given } = ofCode?.get(userId) ?? { times: 0, credits: 0 };
    const what = `${JSON.stringify({ ...it, access: '' })} is booked ${times} times: ${given}`;
    const add = (column: Finding['column']) => findings.push({ column, what });
    if (times > 1) add('doubleCharges');
    if (told === 'redeemed' && times === 0) add('missingCharges');
    if (told !== 'redeemed' && told !== 'unknown' && times > 0) add('falseNothing');
    if (voucher.credits !== undefined && given !== times * voucher.credits) add('sumMismatches');
    if (told === 'redeemed' && times === 1 && credits !== given) add('wrongCharges');
    const uses = [...(ofCode?.values() ?? [])].reduce((sum, entry) => sum + entry.times, 0);
    if (uses > USES_PER_CODE) add('doubleCharges');
    if (told === 'used up' && uses < USES_PER_CODE) add('missingCharges');
  }
  return findings;
}

async function bookedOf(
  { kysely }: OpenDatabase,
  codeHashes: readonly string[],
): Promise<Map<string, Map<number, Booked>>> {
  const found = new Map<string, Map<number, Booked>>();
  for (let from = 0; from < codeHashes.length; from += 500) {
    const rows = await kysely
      .selectFrom('voucher_redemptions as r')
      .leftJoin('transfers as t', 't.id', 'r.id')
      .where('r.code_hash', 'in', codeHashes.slice(from, from + 500))
      .select(['r.code_hash', 'r.user_id', 't.credits'])
      .execute();
    for (const { code_hash: hash, user_id, credits } of rows) {
      const ofCode = found.get(hash) ?? new Map<number, Booked>();
      found.set(hash, ofCode);
      const userId = Number(user_id);
      const { times, credits: before } = ofCode.get(userId) ?? { times: 0, credits: 0 };
      ofCode.set(userId, { times: times + 1, credits: before + Number(credits ?? 0) });
    }
  }
  return found;
}
