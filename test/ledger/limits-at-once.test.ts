/**
 * Plans, pools, budgets and vouchers under everything at once: servers whose clocks differ send
 * random commands at the same time, weeks pass, and on PostgreSQL their connections are killed.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Chit } from '../../src/compose.ts';
import type { Command, Payer, Result } from '../../src/core/ledger.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { faultsOf, openTestChit } from '../support/chit.ts';
import { onEachDatabase } from '../support/databases.ts';
import { holdOf, openOf, releaseOf, settleOf } from '../support/ledger-commands.ts';
import { type Ledgers, openLedgers } from '../support/ledgers.ts';
import { addGroup, addKey, addLimit, addPlan, addVouchers } from '../support/limits.ts';
import { scriptedModel } from '../support/scripted-model.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BEGIN_MS = Date.UTC(2027, 2, 20, 12);
/** So much passes with each command. */
const STEP_MS = 20 * 60_000;
const SKEWS_MS = [0, 30_000, -30_000] as const;

const USERS = [1, 2, 3, 4, 5, 6, 7, 8] as const;
const GROUPS = [
  { id: 'group-a', poolId: 101, members: [1, 2, 3, 4, 5] },
  { id: 'group-b', poolId: 102, members: [4, 5, 6, 7, 8] },
] as const;
const PLANS = [
  { id: 'daily', allowanceCredits: 500, calendar: 'day UTC' },
  { id: 'weekly', allowanceCredits: 800, calendar: 'week 1 Europe/Berlin' },
] as const;
/** They get one plan at the beginning and keep it. */
const SETTLED = [3, 101];
/** These change theirs all the time. */
const CHANGING = [1, 2, 102];
const CODES = 12;

const WORKERS = 8;
const COMMANDS = { SQLite: 900, PostgreSQL: 900 } as const;

interface OpenHold {
  readonly id: string;
  readonly userId: number;
  readonly payerId: number | undefined;
  readonly price: number;
}

onEachDatabase((at) => {
  let servers: Ledgers;
  let chit: Chit;
  before(async () => {
    servers = await openLedgers(at.name, at.url);
    chit = await openTestChit(at.url, scriptedModel(flatPrice(1)));
    await makeAll(servers);
  });
  after(async () => {
    await chit.close();
    await servers.close();
  });

  test('whatever comes at once: every sum is right at every moment, nothing renews twice', async () => {
    const over = new AbortController();
    const kills = at.name === 'PostgreSQL' ? killConnections(servers, over.signal) : undefined;
    const run = new Run(servers, COMMANDS[at.name]);
    const workers = Promise.all(Array.from({ length: WORKERS }, () => run.work()));
    const seen: string[] = [];
    const watch = async () => {
      while (!over.signal.aborted) {
        await sleep(150);
        // A snapshot in the middle of it all; a killed connection tells nothing.
        seen.push(...(await faultsOf(chit).catch(() => [])));
      }
    };
    const watching = watch();
    await workers.finally(() => over.abort());
    await Promise.all([watching, kills]);
    await run.endAll();
    assert.deepEqual(seen, []);
    assert.deepEqual(await faultsOf(chit), []);
    await assertNothingIsHeld(servers);
    await assertRenewedOnce(servers);
    assert.ok(run.held > 50, `only ${run.held} holds`);
  });

  test('one code, fifty at once: one; one user, fifty codes at once: as many as one may', async () => {
    const { ledgers, database } = servers;
    await addVouchers(database.kysely, {
      id: 'single',
      credits: 5,
      codes: 1,
      usesPerCode: 1,
      usesPerUser: 1,
    });
    await addVouchers(database.kysely, {
      id: 'many',
      credits: 7,
      codes: 50,
      usesPerCode: 1,
      usesPerUser: 2,
    });
    const redeem = (codeHash: string, accountId: number, nth: number) =>
      ledgers[nth % ledgers.length]?.submitUntilKnown({
        kind: 'redeem',
        codeHash,
        accountId,
        redemptionId: `${codeHash}-${accountId}-${nth}`,
        expiryId: `${codeHash}-${accountId}-${nth}-expiry`,
        actor: 'test',
        atMs: BEGIN_MS,
      });
    const fifty = Array.from({ length: 50 }, (_, nth) => nth);
    const same = await Promise.all(fifty.map((nth) => redeem('single-0', (nth % 8) + 1, nth)));
    assert.equal(same.filter((it) => it?.outcome === 'redeemed').length, 1);
    const own = await Promise.all(fifty.map((nth) => redeem(`many-${nth}`, 8, nth)));
    assert.equal(own.filter((it) => it?.outcome === 'redeemed').length, 2);
    assert.equal(own.filter((it) => it?.outcome === 'voucher_limit').length, 48);
    assert.deepEqual(await faultsOf(chit), []);
  });
});

async function makeAll({ database: { kysely: db }, ledgers: [ledger] }: Ledgers): Promise<void> {
  for (const userId of USERS) await ledger?.submit(openOf(userId, 400));
  for (const group of GROUPS) await addGroup(db, group);
  for (const plan of PLANS) await addPlan(db, plan, BEGIN_MS);
  const own = (userId: number, credits: number, calendar: string) => ({
    id: `own-${userId}`,
    kind: 'own' as const,
    scope: String(userId),
    credits,
    window: { kind: 'calendar' as const, calendar },
  });
  for (const limit of [
    {
      id: 'member-a',
      kind: 'member' as const,
      scope: 'group-a',
      credits: 150,
      window: { kind: 'calendar' as const, calendar: 'day UTC' },
    },
    {
      id: 'member-b',
      kind: 'member' as const,
      scope: 'group-b',
      credits: 150,
      window: { kind: 'hours' as const, hours: 30 },
    },
    {
      id: 'daily-5',
      kind: 'plan' as const,
      scope: 'daily',
      credits: 200,
      window: { kind: 'hours' as const, hours: 5 },
    },
    {
      id: 'daily-day',
      kind: 'plan' as const,
      scope: 'daily',
      credits: 400,
      window: { kind: 'calendar' as const, calendar: 'day Asia/Tokyo' },
    },
    { id: 'user-5', kind: 'user' as const, scope: '5', credits: 900 },
    own(1, 120, 'day America/New_York'),
    own(4, 90, 'day UTC'),
    own(5, 300, 'week 1 UTC'),
  ]) {
    await addLimit(db, limit, BEGIN_MS);
  }
  for (const userId of USERS) await addKey(db, { id: `key-${userId}`, userId, credits: 2_000 });
  await addVouchers(db, {
    id: 'gift',
    credits: 60,
    codes: CODES,
    usesPerCode: 2,
    usesPerUser: 4,
  });
  await addVouchers(db, {
    id: 'trial',
    plan: { id: 'daily', forMs: 40 * HOUR_MS },
    codes: CODES,
    usesPerCode: 2,
    usesPerUser: 4,
  });
  for (const accountId of [...SETTLED, ...CHANGING]) {
    await ledger?.submit(assign(`first-${accountId}`, accountId, 'daily', BEGIN_MS));
  }
}

function assign(id: string, accountId: number, planId: string | undefined, atMs: number) {
  return {
    kind: 'assign_plan' as const,
    accountId,
    planId,
    from: 'now' as 'now' | 'renewal',
    allowanceId: `${id}-allowance`,
    expiryId: `${id}-expiry`,
    actor: 'test',
    atMs,
  };
}

/** Random commands from all servers, of which each has a clock of its own. */
class Run {
  readonly #servers: Ledgers;
  readonly #commands: number;
  #sent = 0;
  #open: OpenHold[] = [];
  held = 0;

  constructor(servers: Ledgers, commands: number) {
    this.#servers = servers;
    this.#commands = commands;
  }

  async work(): Promise<void> {
    while (this.#sent < this.#commands) {
      const chance = Math.random();
      if (chance < 0.42) await this.#hold();
      else if (chance < 0.8) await this.#end();
      else if (chance < 0.86) {
        const accountIds = [...USERS, 101, 102];
        await this.#send((atMs) => ({ kind: 'renew', accountIds, atMs }));
      } else if (chance < 0.92) await this.#change();
      else if (chance < 0.96) await this.#redeem();
      else await this.#grant();
    }
  }

  async endAll(): Promise<void> {
    while (this.#open.length > 0) await this.#end();
  }

  /** Sends a command to a server that is chosen at random; the same one again, now and then. */
  async #send(commandAt: (atMs: number, id: string) => Command): Promise<Result> {
    this.#sent += 1;
    const { ledgers } = this.#servers;
    const server = Math.floor(Math.random() * ledgers.length);
    const atMs = BEGIN_MS + this.#sent * STEP_MS + (SKEWS_MS[server] ?? 0);
    const command = commandAt(atMs, `c${this.#sent}`);
    const result = ledgers[server]?.submitUntilKnown(command);
    if (command.kind === 'settle' || command.kind === 'release') {
      const again = ledgers[(server + 1) % ledgers.length]?.submitUntilKnown(command);
      if (Math.random() < 0.2) assert.deepEqual(await again, await result);
      await again;
    }
    return (await result) as Result;
  }

  async #hold(): Promise<void> {
    const userId = pick(USERS);
    const pools: Payer[] = GROUPS.filter(({ members }) => members.some((it) => it === userId)).map(
      ({ id, poolId }) => ({ accountId: poolId, groupId: id }),
    );
    const price = 1 + Math.floor(Math.random() * 60);
    const most = 1 + Math.floor(Math.random() * 60);
    let id = '';
    const result = await this.#send((atMs, commandId) => {
      id = commandId;
      return {
        ...holdOf(id, most, userId),
        leastCredits: 1 + Math.floor(Math.random() * most),
        price: flatPrice(price),
        ...(Math.random() < 0.7 ? { payers: [...pools, { accountId: userId }] } : {}),
        ...(Math.random() < 0.5 ? { apiKeyId: `key-${userId}` } : {}),
        atMs,
      };
    });
    const { outcome } = result;
    assert.ok(['held', 'budget_exceeded', 'insufficient_credits'].includes(outcome), outcome);
    if (result.outcome !== 'held' || !('heldCredits' in result)) return;
    this.held += 1;
    this.#open.push({ id, userId, payerId: result.payerId, price });
  }

  async #end(): Promise<void> {
    const [hold] = this.#open.splice(Math.floor(Math.random() * this.#open.length), 1);
    if (!hold) return this.#hold();
    const { id, userId, payerId, price } = hold;
    const isCharged = Math.random() < 0.7;
    const { outcome } = await this.#send((atMs) => ({
      ...(isCharged ? settleOf(id, price, userId) : releaseOf(id, userId)),
      payerId,
      atMs,
    }));
    assert.equal(outcome, isCharged ? 'settled' : 'released');
  }

  async #change(): Promise<void> {
    const planId = pick(['daily', 'weekly', undefined]);
    const { outcome } = await this.#send((atMs, id) => ({
      ...assign(id, pick(CHANGING), planId, atMs),
      from: pick(['now', 'renewal'] as const),
      // Also exactly where a period ends, and in the past of another server's clock.
      ...(Math.random() < 0.4 ? { endsAtMs: atMs - (atMs % DAY_MS) + DAY_MS } : {}),
    }));
    assert.equal(outcome, 'assigned');
  }

  async #redeem(): Promise<void> {
    const codeHash = `${pick(['gift', 'trial'])}-${Math.floor(Math.random() * CODES)}`;
    await this.#send((atMs, id) => ({
      kind: 'redeem',
      codeHash,
      accountId: pick([1, 2, 6, 7]),
      redemptionId: id,
      expiryId: `${id}-expiry`,
      actor: 'test',
      atMs,
    }));
  }

  async #grant(): Promise<void> {
    const credits = pick([30, 60, -10]);
    await this.#send((atMs, transferId) => ({
      kind: 'grant',
      transferId,
      accountId: pick([...USERS, 101, 102]),
      credits,
      actor: 'test',
      reason: 'because',
      idempotency: undefined,
      atMs,
    }));
  }
}

/** Kills connections to the database, whatever is on its way on them. */
async function killConnections({ database }: Ledgers, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(60);
    await sql`SELECT pg_terminate_backend(pid) FROM (
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        ORDER BY random() LIMIT 2
      ) some`
      .execute(database.kysely)
      .catch(() => undefined);
  }
}

async function assertNothingIsHeld({ database: { kysely } }: Ledgers): Promise<void> {
  const accounts = await kysely
    .selectFrom('accounts')
    .select('held')
    .where('held', '>', 0)
    .execute();
  const counters = await kysely
    .selectFrom('budget_counters')
    .select('held')
    .where('held', '>', 0)
    .execute();
  assert.deepEqual([...accounts, ...counters], []);
}

/** Each renewal is of another period than the one before; the id has when it was due. */
async function assertRenewedOnce({ database: { kysely } }: Ledgers): Promise<void> {
  const rows = await kysely
    .selectFrom('transfers')
    .select(['id', 'account_id', 'kind'])
    .where('actor', '=', 'system')
    .where('kind', 'in', ['allowance', 'expiry'])
    .orderBy('account_id')
    .orderBy('number')
    .execute();
  const last = new Map<string, number>();
  for (const { id, account_id, kind } of rows) {
    const dueMs = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
    const key = `${account_id} ${kind}`;
    assert.ok(dueMs > (last.get(key) ?? 0), `${kind} of ${account_id} is booked again`);
    last.set(key, dueMs);
    if (SETTLED.includes(account_id)) assert.equal(dueMs % DAY_MS, 0);
  }
  for (const id of SETTLED) assert.ok(last.has(`${id} allowance`), `${id} was never renewed`);
}

function pick<T>(all: readonly T[]): T {
  return all[Math.floor(Math.random() * all.length)] as T;
}
