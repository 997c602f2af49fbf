/** Allowances are renewed when they are due: once, whoever does it and whatever its clock says. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { readBalance } from '../../../src/app/credits/read-balance.ts';
import { readStatement } from '../../../src/app/credits/read-statement.ts';
import { fillCalendars, sweepRenewals } from '../../../src/app/credits/renewals.ts';
import { newId } from '../../../src/app/ids.ts';
import { BackgroundJobs } from '../../../src/app/operations/background-jobs.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { holdOf, releaseOf, settleOf } from '../../support/ledger-commands.ts';
import { givePlan, linesOf, makePlan, setClock } from '../../support/plans.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const JANUARY = Date.UTC(2026, 0, 15, 12);
const FEBRUARY = Date.UTC(2026, 1, 1);
const APRIL = Date.UTC(2026, 3, 10);
const settings = { CHIT_SIGNUP_TOKENS: '50' };
const model = scriptedModel(flatPrice(100));
const MANY = 10_000;

onEachDatabase((at) => {
  let chit: Chit;
  before(async () => {
    chit = await openTestChit(at.url, model, settings);
    setClock(chit, JANUARY);
  });
  after(() => chit.close());

  const holdFor = (id: string, accountId: number, credits: number) =>
    chit.context.ledger.submit({ ...holdOf(id, credits, accountId), atMs: chit.context.now() });

  test('skipped periods renew once, not once each', async () => {
    const { context } = chit;
    setClock(chit, JANUARY);
    const plan = await makePlan(context, { name: 'Monthly' });
    const id = await newAccount(chit);
    await givePlan(context, id, plan.id);
    setClock(chit, APRIL);
    assert.equal(await sweepRenewals(context), 1);
    assert.equal(await sweepRenewals(context), 0);
    assert.deepEqual(await linesOf(context, id), [
      ['grant', 50, 50, 'Opening balance'],
      ['allowance', 1_000, 1_050, 'Monthly'],
      ['expiry', -1_000, 50, 'Monthly'],
      ['allowance', 1_000, 1_050, 'Monthly'],
    ]);
  });

  test('the balance and the statement of a user are renewed before they are shown', async () => {
    const { context } = chit;
    setClock(chit, JANUARY);
    const plan = await makePlan(context);
    const [reader, other] = [await newAccount(chit), await newAccount(chit)];
    for (const id of [reader, other]) await givePlan(context, id, plan.id);
    const spent = newId();
    await holdFor(spent, reader, 100);
    await context.ledger.submit({ ...settleOf(spent, 100, reader), atMs: JANUARY });
    assert.equal(await readBalance(context, reader), 950);
    setClock(chit, FEBRUARY - 1);
    assert.equal(await readBalance(context, reader), 950);
    setClock(chit, FEBRUARY);
    assert.equal(await readBalance(context, reader), 1_050);
    const statement = await readStatement(context, other, { cursor: undefined, limit: undefined });
    assert.deepEqual(
      statement.lines.map(({ kind }) => kind),
      ['allowance', 'expiry', 'allowance', 'grant'],
    );
  });

  test('what is held at the renewal stays expiring and ends with the next period', async () => {
    const { context } = chit;
    setClock(chit, JANUARY);
    const plan = await makePlan(context, { name: 'Held' });
    const id = await newAccount(chit);
    await givePlan(context, id, plan.id);
    const held = newId();
    await holdFor(held, id, 400);
    setClock(chit, FEBRUARY);
    await sweepRenewals(context);
    const account = await context.accountPlans.find(id);
    const { postedCredits, heldCredits, expiringCredits } = account ?? {};
    assert.deepEqual([postedCredits, heldCredits, expiringCredits], [1_400, 400, 1_350]);
    await context.ledger.submit({ ...releaseOf(held, id), atMs: FEBRUARY });
    setClock(chit, Date.UTC(2026, 2, 1));
    await sweepRenewals(context);
    assert.equal(await readBalance(context, id), 1_050);
    assert.deepEqual((await linesOf(context, id)).slice(2), [
      ['expiry', -650, 400, 'Held'],
      ['allowance', 1_000, 1_400, 'Held'],
      ['expiry', -1_350, 50, 'Held'],
      ['allowance', 1_000, 1_050, 'Held'],
    ]);
  });

  test('nothing is given between two terms', async () => {
    const { context } = chit;
    setClock(chit, JANUARY);
    const terms = [
      { firstDay: '2026-01-01', lastDay: '2026-01-31' },
      { firstDay: '2026-03-01', lastDay: '2026-06-30' },
    ];
    const plan = await makePlan(context, { calendar: { kind: 'term', terms, timeZone: 'UTC' } });
    const id = await newAccount(chit);
    await givePlan(context, id, plan.id);
    const balances: number[] = [];
    for (const day of ['01-31', '02-01', '02-28', '03-01', '06-30', '07-01', '12-31']) {
      setClock(chit, Date.parse(`2026-${day}T12:00:00Z`));
      balances.push(await readBalance(context, id));
    }
    assert.deepEqual(balances, [1_050, 50, 50, 1_050, 1_050, 50, 50]);
  });

  for (const timeZone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe']) {
    test(`a day is renewed at its midnight, also when the clocks change: ${timeZone}`, async () => {
      const { context } = chit;
      // Every change of the year lies between these.
      const day = { kind: 'day', timeZone } as const;
      setClock(chit, Date.UTC(2026, 1, 20));
      const plan = await makePlan(context, { calendar: day, allowanceCredits: 10 });
      const id = await newAccount(chit);
      await givePlan(context, id, plan.id);
      const shown = new Intl.DateTimeFormat('en', { timeZone, day: 'numeric', month: 'numeric' });
      for (let hour = 1, renewals = 1; hour < 24 * 80; hour += 1) {
        const atMs = Date.UTC(2026, 1, 20) + hour * 3_600_000;
        const isNewDay = shown.format(atMs) !== shown.format(atMs - 3_600_000);
        if (!isNewDay) continue;
        setClock(chit, atMs);
        await sweepRenewals(context);
        renewals += 1;
        const lines = await context.transfers.statement(id, {
          beforeNumber: undefined,
          limit: 200,
        });
        const given = lines.filter(({ kind }) => kind === 'allowance').length;
        assert.equal(given, renewals, new Date(atMs).toISOString());
      }
      await givePlan(context, id, undefined);
    });
  }

  test('a server whose clock is 30 s ahead renews nothing twice and takes nothing back', async () => {
    const { context } = chit;
    setClock(chit, JANUARY);
    const plan = await makePlan(context, { name: 'Skewed' });
    const id = await newAccount(chit);
    await givePlan(context, id, plan.id);
    // A file of SQLite belongs to one server: there it is the same one, whose clock is set back.
    const ahead = at.name === 'SQLite' ? chit : await openTestChit(at.url, model, settings);
    for (const skew of [-30_000, -1, 0, 1, 30_000]) {
      setClock(ahead, FEBRUARY + skew + 30_000);
      await sweepRenewals(ahead.context);
      assert.equal(await readBalance(ahead.context, id), 1_050);
      setClock(chit, FEBRUARY + skew);
      await sweepRenewals(context);
      assert.equal(await readBalance(context, id), 1_050);
      const spent = newId();
      await holdFor(spent, id, 1);
      await context.ledger.submit({ ...releaseOf(spent, id), atMs: context.now() });
    }
    const lines = (await linesOf(context, id)).map(([kind]) => kind);
    assert.deepEqual(lines, ['grant', 'allowance', 'expiry', 'allowance']);
    if (ahead !== chit) await ahead.close();
  });

  test(`${MANY} accounts are renewed once each by two sweeps at once, in small batches`, async () => {
    const { context } = chit;
    setClock(chit, JANUARY);
    const plan = await makePlan(context, { name: 'Many' });
    const database = openDatabase(at.url);
    const first = 5_000_000;
    await sql`WITH RECURSIVE ids (id) AS (
        SELECT CAST(${first} AS bigint)
        UNION ALL SELECT id + 1 FROM ids WHERE id < ${first + MANY - 1}
      )
      INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at,
        refresh_cutoff_at)
      SELECT id, 'many-' || id, '', 1, 0, 0, 0, 0 FROM ids`.execute(database.kysely);
    await sql`INSERT INTO accounts (id, kind, posted, held, expiring, transfer_count, has_limits,
        plan_id, renews_at, renewed_at)
      SELECT id, 'personal', 0, 0, 0, 0, 1, ${plan.id}, ${FEBRUARY}, ${JANUARY}
      FROM users WHERE username LIKE 'many-%'`.execute(database.kysely);
    setClock(chit, FEBRUARY);
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
    };
    const swept = await Promise.all([
      sweepRenewals(context, { pause }),
      sweepRenewals(context, { pause }),
    ]);
    const due = await context.accountPlans.due(FEBRUARY, {
      after: undefined,
      offset: 0,
      limit: 1,
    });
    assert.deepEqual(due, []);
    assert.ok((swept[0] ?? 0) + (swept[1] ?? 0) >= MANY);
    assert.ok(pauses >= MANY / 500, `${pauses} pauses`);
    const { rows } = await sql<Record<string, number>>`SELECT count(*) AS accounts,
        sum(posted) AS posted, max(transfer_count) AS most
      FROM accounts WHERE plan_id = ${plan.id}`.execute(database.kysely);
    const sums = Object.values(rows[0] ?? {}).map(Number);
    assert.deepEqual(sums, [MANY, MANY * 1_000, 1]);
    await database.close();
  });

  test('a server fills the calendars in use before it takes requests', async () => {
    const { context } = chit;
    const database = openDatabase(at.url);
    await sql`DELETE FROM calendar_periods`.execute(database.kysely);
    setClock(chit, APRIL);
    const errors: unknown[] = [];
    const jobs = new BackgroundJobs(context, (error) => errors.push(error));
    await jobs.start();
    for (const calendar of await context.calendars.inUse()) {
      const { rows } = await sql<{ until: number }>`SELECT max(ends_at) AS until
        FROM calendar_periods WHERE calendar = ${calendar}`.execute(database.kysely);
      const isEnough = Number(rows[0]?.until) >= APRIL + 400 * 86_400_000;
      assert.ok(isEnough || calendar.startsWith('term'), calendar);
    }
    await jobs.stop();
    assert.deepEqual(errors, []);
    await fillCalendars(context);
    await database.close();
  });

  test('the ledger of all of this has no faults', async () => {
    assert.deepEqual(await faultsOf(chit), []);
  });
});
