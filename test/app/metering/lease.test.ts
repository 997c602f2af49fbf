/** What a server may do by its lease, and what it does in doubt. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import { recoverHolds } from '../../../src/app/metering/recover-holds.ts';
import type { Chit } from '../../../src/compose.ts';
import { hasCode } from '../../../src/core/errors.ts';
import type { Command } from '../../../src/core/ledger.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import type { Model } from '../../../src/models/catalogue.ts';
import { type OpenDatabase, openDatabase } from '../../../src/store/database/dialect.ts';
import { LeaseStore } from '../../../src/store/metering/leases.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

/** So long that no timer of it fires in a test. */
const LEASE = { CHIT_LEASE_SECONDS: '600' };
const ABANDONED = new Error('renewals fail');

/** A model that says one word whenever the test tells it to. */
function promptedModel() {
  const words: PromiseWithResolvers<string | undefined>[] = [];
  const at = (index: number) => {
    words[index] ??= Promise.withResolvers();
    return words[index];
  };
  let said = 0;
  const model: Model = {
    ...scriptedModel(flatPrice(100)),
    async *generate() {
      for (let index = 0; ; index += 1) {
        const text = await at(index).promise;
        if (text === undefined) return;
        yield { text };
      }
    },
  };
  const say = (text: string | undefined) => {
    at(said).resolve(text);
    said += 1;
  };
  return { model, say, end: () => say(undefined) };
}

interface Running {
  readonly chit: Chit;
  readonly other: Chit;
  readonly database: OpenDatabase;
  readonly userId: number;
  readonly heard: string[];
  readonly sent: ReturnType<typeof completeChat>;
  say(text: string): void;
  end(): void;
  /** Resolves once so many words were heard. */
  hear(count: number): Promise<void>;
}

/** As if no half second had passed since a piece was delivered, however slow the machine is. */
function keepFromJournal({ context }: Chit): void {
  const { ledger } = context;
  const submit = ledger.submitUntilKnown.bind(ledger) as (command: Command) => Promise<unknown>;
  Object.assign(ledger, {
    submitUntilKnown: (command: Command) =>
      command.kind === 'journal' ? new Promise(() => undefined) : submit(command),
  });
}

/** A server with a lease that is in the middle of a reply, and another one beside it. */
async function startReply(
  t: TestContext,
  url: string,
  { isJournaled = true }: { readonly isJournaled?: boolean } = {},
): Promise<Running> {
  const prompted = promptedModel();
  const chit = await openTestChit(url, prompted.model, LEASE);
  const other = await openTestChit(url, scriptedModel(flatPrice(100)), LEASE);
  const database = openDatabase(url);
  const stop = new AbortController();
  if (!isJournaled) keepFromJournal(chit);
  const errors: unknown[] = [];
  await chit.context.lease.start((error) => errors.push(error));
  const userId = await newAccount(chit);
  const heard: string[] = [];
  const held = Promise.withResolvers<void>();
  const sent = completeChat(chit.context, {
    userId,
    content: 'Hello?',
    idempotency: undefined,
    stop: stop.signal,
    onAdmitted: held.resolve,
    onText: (text) => heard.push(text),
  });
  sent.catch(() => undefined);
  await held.promise;
  const hear = async (count: number) => {
    for (const endMs = performance.now() + 30_000; heard.length < count; ) {
      assert.ok(performance.now() < endMs, `${heard.length} of ${count} words were heard`);
      await sleep(5);
    }
  };
  prompted.say('first');
  await hear(1);
  t.after(async () => {
    stop.abort();
    await sent.catch(() => undefined);
    for (const it of [chit, other]) await it.context.lease.end();
    assert.deepEqual(await faultsOf(chit), []);
    for (const it of [chit, other]) await it.close();
    await database.close();
  });
  return { chit, other, database, userId, heard, sent, hear, ...prompted };
}

/** What other servers see of leases after the clock of the database was set forward. */
async function setClockForward(
  { kysely }: OpenDatabase,
  byMs: number,
  ids?: readonly string[],
): Promise<void> {
  await kysely
    .updateTable('leases')
    .set({ expires_at: sql`expires_at - CAST(${byMs} AS bigint)` })
    .$if(ids !== undefined, (query) => query.where('id', 'in', ids ?? []))
    .execute();
}

/** When the leases expire. */
async function expiries({ kysely }: OpenDatabase): Promise<Record<string, number>> {
  const rows = await kysely.selectFrom('leases').select(['id', 'expires_at']).execute();
  return Object.fromEntries(rows.map(({ id, expires_at }) => [id, Number(expires_at)]));
}

/** As after a SIGSTOP: the monotonic clock has gone on. */
function letTimePass(t: TestContext, byMs: number): void {
  const now = performance.now.bind(performance);
  t.mock.method(performance, 'now', () => now() + byMs);
}

/** What happens while the answer of the ledger to a hold is on its way. */
function afterHolds(t: TestContext, { context }: Chit, happen: () => Promise<void>): void {
  const { ledger } = context;
  const submit = ledger.submit.bind(ledger);
  t.mock.method(ledger, 'submit', async (command: Parameters<typeof submit>[0]) => {
    const result = await submit(command);
    if (command.kind === 'hold') await happen();
    return result;
  });
}

const isLost = (error: unknown) => hasCode(error, 'server_lost');

onEachDatabase((at) => {
  test('a server never ends its own holds, although its lease has expired', async (t) => {
    const { chit, database, userId, say, end, sent } = await startReply(t, at.url);
    await setClockForward(database, 3_600_000);
    assert.equal(await recoverHolds(chit.context), 0);
    assert.equal((await chit.context.ledger.account(userId))?.heldCredits, 100);
    say(' second');
    end();
    assert.equal((await sent).reply, 'first second');
  });

  test('after its own lease has expired it leaves those of others too, for as long', async (t) => {
    const { chit, other, database, userId, end, sent } = await startReply(t, at.url);
    await other.context.lease.start(assert.ifError);
    assert.equal(await other.context.lease.canRecover(), true);
    // Both leases expire at once; the one that renews first must not end what the other has.
    await setClockForward(database, 3_600_000);
    assert.equal(await other.context.lease.canRecover(), false);
    await chit.context.lease.renew();
    assert.equal(await recoverHolds(other.context), 0);
    letTimePass(t, 600_001);
    assert.equal(await other.context.lease.canRecover(), true);
    t.mock.restoreAll();
    assert.equal((await chit.context.ledger.account(userId))?.heldCredits, 100);
    end();
    assert.equal((await sent).reply, 'first');
  });

  test('the clock of the database was set back: what a dead server held ends after a lease', async (t) => {
    const unjournaled = { isJournaled: false };
    const { chit, other, database, userId, sent } = await startReply(t, at.url, unjournaled);
    const { leases } = other.context;
    await other.context.lease.start(assert.ifError);
    await leases.take('alive', 500_000);
    await leases.take('of an earlier version', 600_000);
    const dead = chit.context.lease.id;
    await setClockForward(database, -3_600_000, [dead, 'of an earlier version']);
    await database.kysely
      .updateTable('leases')
      .set({ for_ms: null })
      .where('id', '=', 'of an earlier version')
      .execute();
    const before = await expiries(database);

    assert.equal(await other.context.lease.canRecover(), true);
    const after = await expiries(database);
    for (const id of ['alive', 'of an earlier version']) assert.equal(after[id], before[id]);
    const own = other.context.lease.id;
    const lasts = (after[dead] ?? 0) - (after[own] ?? 0);
    assert.ok(0 <= lasts && lasts < 60_000, `${lasts} ms longer than one that was just renewed`);
    assert.equal(await recoverHolds(other.context), 0);
    // Its lease is over.
    await setClockForward(database, 600_000 + lasts + 1_000, [dead]);
    assert.equal(await other.context.lease.canRecover(), true);
    assert.equal(await recoverHolds(other.context), 1);
    const account = await other.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 4_000, heldCredits: 0 });

    for (const id of ['alive', 'of an earlier version']) await leases.end(id);
    letTimePass(t, 1_200_001);
    await chit.context.lease.renew();
    await assert.rejects(sent, isLost);
  });

  test('a server that starts finds the clock set back', async (t) => {
    const { chit, other, database } = await startReply(t, at.url);
    const dead = chit.context.lease.id;
    await setClockForward(database, -3_600_000, [dead]);
    const before = await expiries(database);
    await other.context.lease.start(assert.ifError);
    const shorter = (before[dead] ?? 0) - ((await expiries(database))[dead] ?? 0);
    assert.ok(3_500_000 < shorter && shorter <= 3_600_000, `${shorter}`);
  });

  test('the clock was set back under servers that live: nobody loses anything', async (t) => {
    const { chit, other, database, end, sent } = await startReply(t, at.url);
    await other.context.lease.start(assert.ifError);
    await setClockForward(database, -3_600_000);
    for (const it of [other, chit]) {
      assert.equal(await it.context.lease.canRecover(), true);
      assert.equal(await recoverHolds(it.context), 0);
    }
    assert.equal(chit.context.lease.losses, 0);
    end();
    assert.equal((await sent).reply, 'first');
  });

  test('in doubt nothing is delivered before a renewal; what is still held goes on', async (t) => {
    const { chit, heard, say, end, hear, sent } = await startReply(t, at.url);
    const { lease } = chit.context;
    const renewed = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const renew = LeaseStore.prototype.renew;
    t.mock.method(LeaseStore.prototype, 'renew', async function (this: LeaseStore, id, forMs) {
      asked.resolve();
      await renewed.promise;
      return renew.call(this, id, forMs);
    } as typeof renew);
    letTimePass(t, 600_001);
    assert.equal(lease.isCertain, false);
    say(' second');
    await asked.promise;
    await sleep(20);
    assert.deepEqual(heard, ['first']);
    renewed.resolve();
    await hear(2);
    assert.equal(lease.isCertain, true);
    end();
    assert.equal((await sent).reply, 'first second');
  });

  test('what another server ended is lost, and its charge is told', async (t) => {
    const unjournaled = { isJournaled: false };
    const reply = await startReply(t, at.url, unjournaled);
    const { chit, other, database, userId, heard, say, sent } = reply;
    await setClockForward(database, 3_600_000);
    // A piece is journaled after half a second; without it nothing is charged.
    assert.equal(await recoverHolds(other.context), 1);
    letTimePass(t, 600_001);
    say(' second');
    await assert.rejects(
      sent,
      (error) => hasCode(error, 'server_lost') && error.details.chargedCredits === 0,
    );
    assert.deepEqual(heard, ['first']);
    const account = await chit.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 4_000, heldCredits: 0 });
  });

  test('a machine that slept: its monotonic clock did not, so the wall clock asks', async (t) => {
    const { other, database, heard, say, sent } = await startReply(t, at.url);
    await setClockForward(database, 3_600_000);
    assert.equal(await recoverHolds(other.context), 1);
    const now = Date.now.bind(Date);
    t.mock.method(Date, 'now', () => now() + 3_600_000);
    say(' second');
    await assert.rejects(sent, isLost);
    assert.deepEqual(heard, ['first']);
  });

  test('another server was faster by the clock of the database alone: the end is told', async (t) => {
    const unjournaled = { isJournaled: false };
    const { other, database, userId, end, sent } = await startReply(t, at.url, unjournaled);
    await setClockForward(database, 3_600_000);
    assert.equal(await recoverHolds(other.context), 1);
    // The server is certain of its lease and the model has finished; only the ledger knows.
    end();
    await assert.rejects(sent, isLost);
    const account = await other.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 4_000, heldCredits: 0 });
  });

  test('a lease that is renewed while its holds are being ended is lost all the same', async (t) => {
    const { chit, other, database, userId, heard, say, end, sent } = await startReply(t, at.url);
    await setClockForward(database, 3_600_000);
    const { holds, ledger } = other.context;
    const ending = Promise.withResolvers<void>();
    const renewed = Promise.withResolvers<void>();
    const journaled = holds.journaled.bind(holds);
    t.mock.method(holds, 'journaled', async (id: string) => {
      ending.resolve();
      await renewed.promise;
      return journaled(id);
    });
    const recovered = recoverHolds(other.context);
    await ending.promise;
    await chit.context.lease.renew();
    assert.equal(chit.context.lease.isCertain, true);
    say(' second');
    let charged: number | undefined;
    await assert.rejects(sent, (error) => {
      charged = hasCode(error, 'server_lost') ? error.details.chargedCredits : undefined;
      return charged === 100;
    });
    renewed.resolve();
    await recovered;
    assert.deepEqual(heard, ['first']);
    const account = await ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 3_900, heldCredits: 0 });
    // What comes next is held by a new lease, which is its own.
    const held = Promise.withResolvers<void>();
    const request = { userId, content: 'next', idempotency: undefined, onAdmitted: held.resolve };
    const next = completeChat(chit.context, request);
    await held.promise;
    assert.equal(await recoverHolds(other.context), 0);
    end();
    assert.equal((await next).reply, 'first second');
  });

  test('a lease that is being renewed as others want to end its holds keeps them', async (t) => {
    const { chit, other, database, userId, end, sent } = await startReply(t, at.url);
    await setClockForward(database, 3_600_000);
    let recovered: Promise<number> | undefined;
    await database.kysely.transaction().execute(async (transaction) => {
      const leases = new LeaseStore(transaction, database.clockMs);
      assert.equal(await leases.renew(chit.context.lease.id, 600_000), 'expired');
      recovered = recoverHolds(other.context);
      await sleep(50);
    });
    assert.equal(await recovered, 0);
    assert.equal((await other.context.ledger.account(userId))?.heldCredits, 100);
    end();
    assert.equal((await sent).reply, 'first');
  });

  test('who cannot renew for another lease ends what it generates, for what was delivered', async (t) => {
    const { chit, userId, heard, say, sent } = await startReply(t, at.url);
    t.mock.method(LeaseStore.prototype, 'renew', () => Promise.reject(ABANDONED));
    letTimePass(t, 1_200_001);
    say(' second');
    await assert.rejects(
      sent,
      (error) => hasCode(error, 'server_lost') && error.details.chargedCredits === 100,
    );
    assert.deepEqual(heard, ['first']);
    const account = await chit.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 3_900, heldCredits: 0 });
    // Without a lease nothing is admitted either.
    const refused = completeChat(chit.context, { userId, content: 'x', idempotency: undefined });
    await assert.rejects(
      refused,
      (error) => hasCode(error, 'ledger_unavailable') && !error.details.isOutcomeUnknown,
    );
    assert.deepEqual(await chit.context.ledger.account(userId), account);
    t.mock.restoreAll();
  });

  test('a hold that was made while the lease was in doubt goes on: nobody has ended it', async (t) => {
    const { chit, userId, end, sent } = await startReply(t, at.url);
    const { lease } = chit.context;
    afterHolds(t, chit, async () => {
      letTimePass(t, 600_001);
      await lease.renew();
    });
    const request = { userId, content: 'late', idempotency: undefined };
    const late = completeChat(chit.context, request);
    end();
    assert.equal((await late).reply, 'first');
    assert.equal((await sent).reply, 'first');
    const account = await chit.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 3_800, heldCredits: 0 });
  });

  test('a hold that was made while the lease was lost is not generated', async (t) => {
    const { chit, other, database, userId, end, sent } = await startReply(t, at.url);
    const { ledger, lease } = chit.context;
    afterHolds(t, chit, async () => {
      await setClockForward(database, 3_600_000);
      await other.context.leases.takeOverExpired(other.context.lease.id);
      await lease.renew();
    });
    const late = completeChat(chit.context, { userId, content: 'late', idempotency: undefined });
    await assert.rejects(late, isLost);
    end();
    await assert.rejects(sent, isLost);
    const account = await ledger.account(userId);
    // One word of the first was delivered, none of the late one.
    assert.deepEqual(account, { postedCredits: 3_900, heldCredits: 0 });
  });
});
