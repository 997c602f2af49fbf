/** Limits that servers on one PostgreSQL share: together they admit what one alone would. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Admission, UsageLimits } from '../../../src/app/metering/usage-limits.ts';
import { type Fingerprints, GONE_AFTER_MS, Servers } from '../../../src/app/operations/servers.ts';
import { NO_LIMITS, type RateLimits } from '../../../src/core/deployment.ts';
import { hasCode } from '../../../src/core/errors.ts';
import type { OpenDatabase } from '../../../src/store/database/dialect.ts';
import { LimitCountStore } from '../../../src/store/metering/limit-counts.ts';
import { ServerStore } from '../../../src/store/operations/servers.ts';
import { openMigrated } from '../../support/databases.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';

let postgres: TestPostgres;
let database: OpenDatabase;
before(async () => {
  postgres = await startPostgres();
  database = await openMigrated(await postgres.newDatabase());
});
after(async () => {
  await database.close();
  await postgres.stop();
});

const AGREED: Fingerprints = { secretKey: 'same', deployment: 'same' };
const TIMES = { windowMs: 60_000, goneAfterMs: GONE_AFTER_MS };

interface Member {
  readonly servers: Servers;
  readonly limits: UsageLimits;
  /** Breaks the way to the database. */
  isCut: boolean;
  asks: number;
}

/** A server with limits of accounts, that others have noticed. */
async function join(limits: Partial<RateLimits>, fingerprints = AGREED): Promise<Member> {
  const counts = new LimitCountStore(database.kysely);
  const servers = new Servers(new ServerStore(database.kysely), () => fingerprints);
  const member: Member = {
    servers,
    isCut: false,
    asks: 0,
    limits: new UsageLimits(
      { account: { ...NO_LIMITS, ...limits }, key: NO_LIMITS },
      async (requests) => {
        member.asks += 1;
        if (member.isCut) throw new Error('Connection terminated');
        return counts.share(servers.id, requests, TIMES);
      },
    ),
  };
  servers.onLooked = (hasOthers) => member.limits.counts.noteServers(hasOthers);
  await servers.start(() => undefined);
  return member;
}

/** Three servers, for the length of a test. */
async function withServers(
  limits: Partial<RateLimits>,
  run: (members: readonly [Member, Member, Member]) => Promise<void>,
): Promise<void> {
  const [a, b, c] = await Promise.all([join(limits), join(limits), join(limits)]);
  try {
    for (const { limits: own } of [a, b, c]) own.counts.noteServers(true);
    await run([a, b, c]);
  } finally {
    await Promise.all([a, b, c].map((it) => it.servers.end()));
  }
}

let accounts = 0;
function newAccount(): number {
  accounts += 1;
  return accounts;
}

/** Whether a request is admitted; undefined if it is refused. */
async function admit({ limits }: Member, accountId: number): Promise<Admission | undefined> {
  try {
    return await limits.admit({ accountId, apiKeyId: undefined });
  } catch (error) {
    assert.ok(hasCode(error, 'rate_limited'), String(error));
    return undefined;
  }
}

async function admitted(asked: readonly Promise<Admission | undefined>[]): Promise<number> {
  return (await Promise.all(asked)).filter(Boolean).length;
}

test('ten a minute are ten on three servers, however many come at once', async () => {
  await withServers({ requestsPerMinute: 10 }, async (members) => {
    const account = newAccount();
    const sent = Array.from({ length: 60 }, (_, index) =>
      admit(members[index % 3] as Member, account),
    );
    assert.equal(await admitted(sent), 10);
    for (const member of members) assert.equal(await admit(member, account), undefined);
  });
});

test('one server gets the whole limit, and needs few questions for a large one', async () => {
  await withServers({ requestsPerMinute: 1_000 }, async ([first, second]) => {
    const account = newAccount();
    let count = 0;
    while (await admit(first, account)) count += 1;
    assert.equal(count, 1_000);
    assert.ok(first.asks < 120, `${first.asks} questions`);
    assert.equal(await admit(second, account), undefined);
  });
});

test('in turns over three servers, all of a limit is admitted, and no more', async () => {
  await withServers({ requestsPerMinute: 100 }, async (members) => {
    const account = newAccount();
    let count = 0;
    for (let turn = 0; turn < 300; turn += 1) {
      if (await admit(members[turn % 3] as Member, account)) count += 1;
    }
    assert.equal(count, 100);
  });
});

test('what was taken ahead and is not used is given back', async () => {
  await withServers({ requestsPerMinute: 160 }, async ([first, second]) => {
    const account = newAccount();
    assert.ok(await admit(first, account));
    assert.ok((await takenOf(account)) > 1);
    await until(async () => (await takenOf(account)) === 1);
    let count = 0;
    while (await admit(second, account)) count += 1;
    assert.equal(count, 159);
  });
});

test('replies at once are counted over all servers, and room is free as soon as one ends', async () => {
  await withServers({ concurrentGenerations: 4 }, async (members) => {
    const account = newAccount();
    const sent = Array.from({ length: 30 }, (_, index) =>
      admit(members[index % 3] as Member, account),
    );
    const running = (await Promise.all(sent)).filter((it) => it !== undefined);
    assert.equal(running.length, 4);
    // One after the other, each on another server than the one before.
    for (let turn = 0; turn < 12; turn += 1) {
      running.shift()?.end(0);
      const next = await admit(members[turn % 3] as Member, account);
      assert.ok(next, `turn ${turn}`);
      running.push(next);
    }
    assert.equal(await admit(members[0], account), undefined);
  });
});

test('what a server that is gone was generating does not count', async () => {
  await withServers({ concurrentGenerations: 1 }, async ([first, second]) => {
    const account = newAccount();
    assert.ok(await admit(first, account));
    assert.equal(await admit(second, account), undefined);
    await first.servers.end();
    assert.ok(await admit(second, account));
  });
});

test('usage tokens count on all servers as soon as a reply has ended', async () => {
  await withServers({ usageTokensPerMinute: 1_000 }, async (members) => {
    const account = newAccount();
    let used = 0;
    for (let turn = 0; turn < 20; turn += 1) {
      const admission = await admit(members[turn % 3] as Member, account);
      admission?.end(150);
      if (admission) used += 150;
      await sleep(5);
    }
    assert.ok(used >= 1_000 && used <= 1_000 + 149 + 150, `${used} tokens`);
  });
});

test('token counts are shared', async () => {
  await withServers({}, async (members) => {
    const account = newAccount();
    let count = 0;
    for (let turn = 0; turn < 150; turn += 1) {
      const { limits } = members[turn % 3] as Member;
      await limits.admitCount(account, 10).then(
        () => {
          count += 1;
        },
        (error) => assert.ok(hasCode(error, 'rate_limited')),
      );
    }
    assert.equal(count, 100);
  });
});

test('a server alone asks nobody, and what it counted is known to the next', async () => {
  const first = await join({ requestsPerMinute: 10 });
  const account = newAccount();
  for (let request = 0; request < 7; request += 1) assert.ok(await admit(first, account));
  assert.equal(first.asks, 0);
  const second = await join({ requestsPerMinute: 10 });
  await until(async () => (await takenOf(account)) === 7);
  const sent = Array.from({ length: 10 }, (_, index) =>
    admit(index % 2 === 0 ? first : second, account),
  );
  assert.equal(await admitted(sent), 3);
  await Promise.all([first.servers.end(), second.servers.end()]);
});

test('while the database is away each counts for itself, and says so once', async () => {
  await withServers({ requestsPerMinute: 10 }, async ([first, second]) => {
    const account = newAccount();
    const away: unknown[] = [];
    let back = 0;
    first.limits.counts.onAway = (error) => away.push(error);
    first.limits.counts.onBack = () => {
      back += 1;
    };
    await first.servers.end();
    first.isCut = true;
    const sent = Array.from({ length: 30 }, () => admit(first, account));
    assert.equal(await admitted(sent), 10);
    assert.equal(away.length, 1);
    first.isCut = false;
    first.limits.counts.noteServers(true);
    assert.equal(back, 1);
    // What it admitted meanwhile counts for all.
    await until(async () => (await takenOf(account)) === 10);
    assert.equal(await admit(second, account), undefined);
  });
});

test('after a crash of the database, which empties the counts, what was spent counts on', async () => {
  await withServers({ requestsPerMinute: 10 }, async ([first, second]) => {
    const account = newAccount();
    for (let request = 0; request < 6; request += 1) assert.ok(await admit(first, account));
    await database.kysely.deleteFrom('limit_counts').execute();
    assert.ok(await admit(first, account));
    let count = 0;
    while (await admit(second, account)) count += 1;
    assert.equal(count, 3);
  });
});

test('in the next window the limit is whole again', async () => {
  await withServers({ requestsPerMinute: 10 }, async ([first, second]) => {
    const account = newAccount();
    let count = 0;
    while (await admit(first, account)) count += 1;
    assert.equal(count, 10);
    await database.kysely
      .updateTable('limit_counts')
      .set({ ends_at: sql<number>`ends_at - 60000` })
      .where('key', '=', `requests:account:${account}`)
      .execute();
    const sent = Array.from({ length: 30 }, () => admit(second, account));
    assert.equal(await admitted(sent), 10);
  });
});

test('servers with other keys or prices notice each other, and say so once', async () => {
  const first = await join({});
  const told: string[] = [];
  first.servers.onDisagreement = (other, what) => told.push(`${other.id} ${what}`);
  const second = await join({}, { secretKey: 'other', deployment: 'other' });
  const { id } = second.servers;
  await until(async () => told.length > 0);
  await sleep(1_100);
  assert.deepEqual(told, [`${id} secret_key`, `${id} deployment`]);
  const shown = (await first.servers.list()).map((it) => [it.id, it.isThis, it.differences]);
  assert.deepEqual(shown, [
    [first.servers.id, true, []],
    [id, false, ['secret_key', 'deployment']],
  ]);
  await second.servers.end();
  assert.equal((await first.servers.list()).length, 1);
  await first.servers.end();
});

async function takenOf(account: number): Promise<number> {
  const row = await database.kysely
    .selectFrom('limit_counts')
    .select('holders')
    .where('key', '=', `requests:account:${account}`)
    .executeTakeFirst();
  const holders = (row?.holders ?? {}) as unknown as Record<string, number>;
  return Object.values(holders).reduce((sum, it) => sum + it, 0);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await isSo()); waited += 20) {
    assert.ok(waited < 60_000, 'it takes too long');
    await sleep(20);
  }
}

test('nobody is refused because many others are given back at the same time', async () => {
  await withServers({ requestsPerMinute: 1_000 }, async ([first]) => {
    const many = Array.from({ length: 1_500 }, () => newAccount());
    assert.equal(await admitted(many.map((account) => admit(first, account))), many.length);
    // What was taken ahead for them goes back in several batches, beside what others need.
    await sleep(1_100);
    const more = Array.from({ length: 600 }, () => newAccount());
    assert.equal(await admitted(more.map((account) => admit(first, account))), more.length);
  });
});
