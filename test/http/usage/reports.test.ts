/** The data behind the panel's charts, and the log of a span. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { rollUp } from '../../../src/app/usage/roll-up.ts';
import { AUDIT_ACTIONS } from '../../../src/core/audit-log.ts';
import { AdminServer } from '../../support/admin.ts';
import { faultsOf } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { fillWithUse } from '../../support/sample-use.ts';

const DAY_MS = 86_400_000;
const DAY = 'YYYY-MM-DD'.length;
const MONTH = 'YYYY-MM'.length;

/** A row of a file, by the names of its columns. */
type Row = Readonly<Record<string, string>>;

function rowsOf(csv: string): Row[] {
  const [head = '', ...lines] = csv.trim().split('\r\n');
  const names = head.split(',');
  return lines.map((line) =>
    Object.fromEntries(line.split(',').map((cell, nth) => [names[nth] ?? '', cell])),
  );
}

onEachDatabase((at) => {
  describe('usage over time', () => {
    let admin: AdminServer;

    before(async () => {
      admin = await AdminServer.start({ CHIT_DATABASE_URL: at.url });
      await fillWithUse(admin.chit, { users: 5, days: 20, messagesADay: 15 });
      await rollUp(admin.chit.context, { untilMs: Date.now() - 5 * DAY_MS });
    });
    after(async () => {
      assert.deepEqual(await faultsOf(admin.chit), []);
      await admin.server.close();
    });

    const fileOf = async (query: string) =>
      rowsOf((await admin.ask(admin.root, 'GET', `/api/admin/usage/${query}&format=csv`)).text);

    test('models have points over time, ordered by charges', async () => {
      const { points, models, courses } = await admin.read('/api/admin/usage/');
      const names = models.map((it: { model: string }) => it.model);
      assert.deepEqual(names.toSorted(), ['claude', 'gpt', 'local']);
      assert.deepEqual(
        courses.map((it: { model: string }) => it.model),
        names,
      );
      const charges = models.map((it: { charged: number }) => it.charged) as number[];
      assert.deepEqual(
        charges,
        charges.toSorted((a, b) => b - a),
      );
      for (const what of ['messages', 'charged']) {
        for (const [nth, point] of points.entries()) {
          const sum = courses.reduce(
            (all: number, it: Record<string, number[]>) => all + (it[what]?.[nth] ?? Number.NaN),
            0,
          );
          assert.equal(sum, point[what], `${what} in ${point.period}`);
        }
      }
    });

    test('a single model has its own points and is among all models', async () => {
      const { points, courses } = await admin.read('/api/admin/usage/?model=gpt');
      const course = courses.find((it: { model: string }) => it.model === 'gpt');
      assert.equal(courses.length, 3);
      assert.deepEqual(
        course.messages,
        points.map((it: { messages: number }) => it.messages),
      );
      assert.ok(points.every((it: { users: unknown }) => it.users === null));
      const none = await admin.read('/api/admin/usage/?model=unheard-of');
      assert.ok(none.points.every((it: { messages: number }) => it.messages === 0));
      assert.equal(none.courses.length, 3);
    });

    test('a span starts and ends where the query says, and never after now', async () => {
      const nowMs = Date.now();
      const dayBefore = (days: number) => new Date(nowMs - days * DAY_MS).toISOString();
      const [from, to] = [dayBefore(9), dayBefore(4)];
      const { points } = await admin.read(`/api/admin/usage/?from=${from}&to=${to}`);
      const periods = points.map((it: { period: string }) => it.period);
      assert.equal(periods.length, 6);
      assert.deepEqual([periods[0], periods.at(-1)], [from.slice(0, DAY), to.slice(0, DAY)]);
      const { points: open } = await admin.read(`/api/admin/usage/?to=${dayBefore(-3)}`);
      const today = [nowMs, Date.now()].map((ms) => new Date(ms).toISOString().slice(0, DAY));
      assert.ok(today.includes(open.at(-1).period), open.at(-1).period);
      for (const query of [
        `from=${to}&to=${from}`,
        `from=${dayBefore(-2)}`,
        'to=2016-12-31T23:59:60Z',
        `step=hour&from=${dayBefore(30)}`,
      ]) {
        const answer = await admin.ask(admin.root, 'GET', `/api/admin/usage/?${query}`);
        assert.equal(answer.status, 400, query);
      }
    });

    test('CSV files have the same rows as the tables', async () => {
      const nowMs = Date.now();
      const dayBefore = (days: number) => new Date(nowMs - days * DAY_MS).toISOString();
      const span = `?from=${dayBefore(6)}&to=${dayBefore(0)}&model=claude`;
      const { points, models } = await admin.read(`/api/admin/usage/${span}`);
      const charged = (all: { charged: number | string }[]) => all.map((it) => String(it.charged));
      assert.deepEqual(charged((await fileOf(span)) as never), charged(points));
      const rows = await fileOf(`${span}&table=models`);
      assert.deepEqual(
        rows.map((it) => [it.model, it.charged, it.refunded, it.earned]),
        models.map((it: { model: string; charged: number; refunded: number }) => [
          ...[it.model, String(it.charged), String(it.refunded), ''],
        ]),
      );
      // Not the first of a month: there has to be use on another day of the month.
      const day = [dayBefore(1), dayBefore(2)]
        .map((it) => it.slice(0, DAY))
        .find((it) => !it.endsWith('-01'));
      const { users } = await admin.read(`/api/admin/usage/users/?period=${day}`);
      const file = await fileOf(`users/?period=${day}`);
      assert.deepEqual(
        file.map((it) => it.id),
        users.map((it: { id: number }) => String(it.id)),
      );
      const month = await admin.read(`/api/admin/usage/users/?period=${day?.slice(0, MONTH)}`);
      const total = (all: { charged: number }[]) => all.reduce((sum, it) => sum + it.charged, 0);
      assert.ok(total(month.users) > total(users));
    });
  });

  describe('the audit log of a span', () => {
    let admin: AdminServer;

    before(async () => {
      admin = await AdminServer.start({ CHIT_DATABASE_URL: await at.newUrl() });
    });
    after(() => admin.server.close());

    test('has the entries of that span to the millisecond, in pages and as a file', async () => {
      const user = await admin.person();
      for (const reason of ['first', 'second', 'third', 'fourth']) {
        const body = { to: [{ id: user.id, tokens: 1 }], reason };
        await admin.ask(admin.root, 'POST', '/api/admin/grants/', body);
        await new Promise((go) => setTimeout(go, 5));
      }
      const target = `target=user:${user.id}`;
      const all = (await admin.read(`/api/admin/audit/?${target}`)).entries;
      assert.equal(all.length, 4);
      const [, third, second] = all as { id: string; at: string }[];
      const span = `${target}&from=${second?.at}&to=${third?.at}`;
      const reasons = async (query: string) => (await admin.entries(query)).map((it) => it.reason);
      assert.deepEqual(await reasons(span), ['third', 'second']);
      assert.deepEqual(await reasons(`${span}&q=SECOND`), ['second']);
      assert.deepEqual(await reasons(`${span}&q=fourth`), []);
      assert.deepEqual(await reasons(`${target}&from=${second?.at}`), [
        'fourth',
        'third',
        'second',
      ]);
      assert.deepEqual(await reasons(`${target}&to=${second?.at}`), ['second', 'first']);
      const page = await admin.read(`/api/admin/audit/?${span}&limit=1`);
      assert.deepEqual([page.entries[0].reason, page.has_more], ['third', true]);
      const next = await admin.read(`/api/admin/audit/?${span}&limit=1&cursor=${page.next_cursor}`);
      assert.deepEqual([next.entries[0].reason, next.has_more], ['second', false]);
      const file = await admin.ask(admin.root, 'GET', `/api/admin/audit/?${span}&format=csv`);
      assert.deepEqual(
        rowsOf(file.text).map((it) => it.reason),
        ['third', 'second'],
      );
      const [entry] = (await admin.read('/api/admin/audit/?action=audit.export')).entries;
      assert.deepEqual([entry.after.from, entry.after.to], [second?.at, third?.at]);
    });

    test('refuses invalid times and unknown actions', async () => {
      for (const action of AUDIT_ACTIONS) {
        const answer = await admin.ask(admin.root, 'GET', `/api/admin/audit/?action=${action}`);
        assert.equal(answer.status, 200, action);
      }
      for (const query of ['from=soon', 'to=2026-11-23', 'action=user.promote']) {
        const answer = await admin.ask(admin.root, 'GET', `/api/admin/audit/?${query}`);
        assert.equal(answer.status, 400, query);
      }
    });
  });
});
