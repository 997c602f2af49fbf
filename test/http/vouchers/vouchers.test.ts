/** Vouchers: made by staff, printed, and redeemed exactly once. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { VoucherCodes } from '../../../src/auth/voucher-codes.ts';
import { AdminServer, type Json } from '../../support/admin.ts';
import { faultsOf } from '../../support/chit.ts';
import { onEachDatabase, openMigrated } from '../../support/databases.ts';
import type { Answer } from '../../support/http.ts';
import { storeMonthlyPlan } from '../../support/pools.ts';

const DAY_MS = 86_400_000;

onEachDatabase((at) => {
  describe('vouchers', () => {
    let admin: AdminServer;

    before(async () => {
      await storeMonthlyPlan(at.url);
      admin = await AdminServer.start({ CHIT_DATABASE_URL: at.url });
    });
    after(async () => {
      assert.deepEqual(await faultsOf(admin.chit), []);
      await admin.server.close();
    });

    const make = (body: object, key?: string): Promise<Answer> =>
      admin.ask(
        admin.staff,
        'POST',
        '/api/admin/vouchers/',
        body,
        key === undefined ? {} : { 'idempotency-key': key },
      );

    /** A new batch and its codes. */
    const batchOf = async (body: object): Promise<{ id: string; codes: string[] }> => {
      const made = await make({ name: 'Term', codes: 3, ...body });
      assert.equal(made.status, 201, made.text);
      const { id } = made.json as Json;
      const sheet = await admin.read(`/api/admin/vouchers/${id}/codes/?sheet=1`);
      return { id, codes: sheet.codes.map((it: Json) => it.code) };
    };

    const redeem = (access: string, code: string | undefined, key?: string): Promise<Answer> =>
      admin.ask(
        access,
        'POST',
        '/api/vouchers/redeem/',
        { code },
        key === undefined ? {} : { 'idempotency-key': key },
      );

    const refused = async (answer: Promise<Answer>, status: number, code: string) => {
      const { status: got, json, headers } = await answer;
      assert.deepEqual([got, headers['chit-error']], [status, code]);
      assert.match((json as Json).detail ?? '', /\w{3}.*\.$/);
    };

    test('a code gives its tokens once, and the statement names the batch', async () => {
      const { id, codes } = await batchOf({ name: 'Spring fair', tokens: 250 });
      const [code = ''] = codes;
      assert.match(code, /^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
      const ada = await admin.person();
      const typed = ` ${code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o')} `;
      const { status, json } = await redeem(ada.access, typed.replaceAll('1', 'l'));
      assert.equal(status, 200);
      assert.deepEqual(json, { name: 'Spring fair', tokens: 250, plan: null, tokens_after: 4_250 });
      await refused(redeem(ada.access, code), 409, 'voucher_limit');
      const bob = await admin.person();
      await refused(redeem(bob.access, code), 409, 'voucher_used_up');
      assert.equal(await admin.tokensOf(ada.id), 4_250);
      assert.equal(await admin.tokensOf(bob.id), 4_000);
      const history = await admin.ask(ada.access, 'GET', '/api/tokens/history/?limit=1');
      const [line] = (history.json as Json).results;
      assert.deepEqual(
        [line.kind, line.amount, line.reason, line.balance_after],
        ['voucher', 250, 'Spring fair', 4_250],
      );
      const list = await admin.read(`/api/admin/vouchers/${id}/codes/`);
      assert.deepEqual(
        list.codes.map((it: Json) => [it.number, it.code, it.hint, it.uses]),
        codes.map((it, index) => [index + 1, null, it.slice(-4), index === 0 ? 1 : 0]),
      );
      assert.equal(list.codes[0].redeemed_by[0].username, ada.username);
      const detail = await admin.read(`/api/admin/vouchers/${id}/`);
      assert.deepEqual([detail.redeemed, detail.used_codes, detail.codes], [1, 1, 3]);
    });

    test('of 50 users who redeem one code at once, one gets it', async () => {
      const { codes } = await batchOf({ tokens: 7, codes: 1 });
      const people = await Promise.all(Array.from({ length: 50 }, () => admin.person()));
      const answers = await Promise.all(people.map(({ access }) => redeem(access, codes[0])));
      const statuses = answers.map(({ status }) => status).toSorted();
      assert.deepEqual(statuses, [200, ...Array.from({ length: 49 }, () => 409)]);
      const balances = await Promise.all(people.map(({ id }) => admin.tokensOf(id)));
      assert.equal(balances.filter((it) => it === 4_007).length, 1);
      assert.equal(balances.filter((it) => it === 4_000).length, 49);
    });

    test('of 50 requests of one user at once, one redeems; all, with the same key', async () => {
      const { codes } = await batchOf({
        tokens: 7,
        codes: 2,
        uses_per_code: 99,
        uses_per_user: 99,
      });
      const [first, second] = codes;
      const ada = await admin.person();
      const same = await Promise.all(
        Array.from({ length: 50 }, () => redeem(ada.access, first, 'one key')),
      );
      assert.deepEqual(new Set(same.map(({ status }) => status)), new Set([200]));
      assert.equal(await admin.tokensOf(ada.id), 4_007);
      const again = await redeem(ada.access, first, 'one key');
      assert.equal(again.headers['idempotent-replayed'], 'true');
      assert.deepEqual(again.json, same[0]?.json);
      await refused(redeem(ada.access, second, 'one key'), 422, 'idempotency_key_reused');
      // The key of somebody else is another key.
      const bob = await admin.person();
      assert.equal((await redeem(bob.access, first, 'one key')).status, 200);
      assert.equal(await admin.tokensOf(ada.id), 4_007);
      assert.equal(await admin.tokensOf(bob.id), 4_007);
      const limited = await batchOf({ tokens: 7, codes: 1, uses_per_code: 99 });
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => redeem(ada.access, limited.codes[0])),
      );
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      assert.equal(answers.filter(({ status }) => status === 409).length, 49);
      assert.equal(await admin.tokensOf(ada.id), 4_014);
    });

    test('limits per code and per user hold, and an ended or expired batch gives nothing', async () => {
      const { id, codes } = await batchOf({ tokens: 5, uses_per_code: 2, uses_per_user: 2 });
      const [ada, bob] = [await admin.person(), await admin.person()];
      assert.equal((await redeem(ada.access, codes[0])).status, 200);
      assert.equal((await redeem(ada.access, codes[0])).status, 200);
      await refused(redeem(ada.access, codes[1]), 409, 'voucher_limit');
      await refused(redeem(bob.access, codes[0]), 409, 'voucher_used_up');
      const end = () =>
        admin.ask(admin.staff, 'POST', `/api/admin/vouchers/${id}/end/`, { reason: 'Lost' });
      const ended = await end();
      assert.equal(ended.status, 200);
      await refused(redeem(bob.access, codes[1]), 410, 'voucher_expired');
      assert.deepEqual((await end()).json, ended.json);
      const soon = new Date(Date.now() + 4_000).toISOString();
      const short = await batchOf({ tokens: 5, expires_at: soon });
      while (Date.now() <= Date.parse(soon)) await new Promise((done) => setTimeout(done, 50));
      await refused(redeem(bob.access, short.codes[0]), 410, 'voucher_expired');
      assert.equal(await admin.tokensOf(bob.id), 4_000);
      const entries = await admin.entries(`target=voucher:${id}`);
      assert.deepEqual(
        entries.map(({ action, reason }) => [action, reason]),
        [
          ['voucher.end', 'Lost'],
          ['voucher.codes', null],
          ['voucher.create', null],
        ],
      );
    });

    test('a voucher for a plan gives the plan and its allowance until it ends', async () => {
      const { codes } = await batchOf({ plan: 'monthly', days: 10, uses_per_user: 2 });
      const ada = await admin.person();
      const { status, json } = await redeem(ada.access, codes[0]);
      assert.equal(status, 200);
      const { until } = (json as Json).plan;
      const days = (Date.parse(until) - Date.now()) / DAY_MS;
      assert.ok(days > 9.99 && days <= 10, until);
      assert.deepEqual(json, {
        name: 'Term',
        tokens: 2_000,
        plan: { name: 'Monthly', until },
        tokens_after: 6_000,
      });
      const longer = (await redeem(ada.access, codes[1])).json as Json;
      assert.equal(longer.tokens, 0);
      assert.equal(Date.parse(longer.plan.until), Date.parse(until) + 10 * DAY_MS);
      const lines = await admin.ask(ada.access, 'GET', '/api/tokens/history/');
      const [line] = (lines.json as Json).results;
      assert.equal(line.kind, 'allowance');
      assert.deepEqual([line.reason, line.voucher], ['Monthly', 'Term']);
      assert.equal(await admin.tokensOf(ada.id), 6_000);
    });

    test('the database goes away once a voucher is redeemed: nobody says that it was not', async (t) => {
      const { codes } = await batchOf({ tokens: 30 });
      const ada = await admin.person();
      const before = await admin.tokensOf(ada.id);
      const { context } = admin.chit;
      const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      t.mock.method(context.vouchers, 'ofCode', () => Promise.reject(away), { times: 1 });
      const ask = () =>
        admin.ask(
          ada.access,
          'POST',
          '/api/vouchers/redeem/',
          { code: codes[0] },
          {
            'idempotency-key': 'away',
          },
        );
      const lost = await ask();
      assert.equal(lost.status, 503, lost.text);
      assert.equal(lost.headers['chit-error-params'], '{"is_outcome_unknown":true}');
      assert.equal(await admin.tokensOf(ada.id), before + 30);
      const again = await ask();
      assert.deepEqual([again.status, again.headers['idempotent-replayed']], [200, 'true']);
      assert.equal(await admin.tokensOf(ada.id), before + 30);
    });

    test('guesses are slowed by user, and codes that exist never count', async () => {
      const { codes } = await batchOf({ tokens: 1, codes: 20, uses_per_user: 20 });
      const ada = await admin.person();
      for (const code of codes.slice(0, 12)) {
        assert.equal((await redeem(ada.access, code)).status, 200);
      }
      for (const word of ['', 'short', '*'.repeat(16), 'U'.repeat(16), codes[0]?.slice(1)]) {
        await refused(redeem(ada.access, word), 404, 'voucher_unknown');
      }
      const guess = (last: string) => redeem(ada.access, `0123-4567-89AB-CDE${last}`);
      const guesses = await Promise.all([...'0123456789ABCDEFGHJK'].map(guess));
      const unknown = guesses.filter(({ status }) => status === 404);
      assert.equal(unknown.length, 10);
      assert.equal(guesses.filter(({ status }) => status === 429).length, 10);
      // Now even a right code has to wait, else a 429 would tell that it is wrong.
      const { status, headers } = await redeem(ada.access, codes[13]);
      assert.equal(status, 429);
      assert.ok(Number(headers['retry-after']) > 600);
      assert.equal(await admin.tokensOf(ada.id), 4_012);
      const bob = await admin.person();
      assert.equal((await redeem(bob.access, codes[13])).status, 200);
    });

    test('a batch is made once for each key; what cannot be a batch is refused', async () => {
      const body = { name: 'Keyed', tokens: 5, codes: 2 };
      const answers = await Promise.all([make(body, 'batch'), make(body, 'batch')]);
      const ids = new Set(answers.map(({ json }) => (json as Json).id));
      assert.deepEqual([ids.size, answers[0]?.status, answers[1]?.status], [1, 201, 201]);
      await refused(make({ ...body, codes: 3 }, 'batch'), 422, 'idempotency_key_reused');
      const wrong: [object, string][] = [
        [{ name: 'x', codes: 1 }, 'tokens'],
        [{ name: 'x', codes: 1, tokens: 0 }, 'tokens'],
        [{ name: 'x', codes: 1, tokens: 1, plan: 'Monthly', days: 3 }, 'plan'],
        [{ name: 'x', codes: 1, plan: 'Monthly' }, 'days'],
        [{ name: 'x', codes: 1, plan: 'No such plan', days: 3 }, 'plan'],
        [{ name: ' ', codes: 1, tokens: 1 }, 'name'],
        [{ name: 'x', codes: 10_001, tokens: 1 }, 'codes'],
        [{ name: 'x', codes: 0, tokens: 1 }, 'codes'],
        [{ name: 'x', codes: 1, tokens: 1, uses_per_code: 0 }, 'uses_per_code'],
        [{ name: 'x', codes: 1, tokens: 1, expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
        [{ name: 'x', codes: 1, tokens: 1, expires_at: 'soon' }, 'expires_at'],
      ];
      const before = (await admin.read('/api/admin/vouchers/?limit=200')).batches.length;
      for (const [wanted, field] of wrong) {
        const { status, json } = await make(wanted);
        assert.deepEqual([status, Object.keys(json as object)], [400, [field]]);
      }
      assert.equal((await admin.read('/api/admin/vouchers/?limit=200')).batches.length, before);
      for (const path of ['', 'codes/', 'codes/?format=csv', 'codes/?sheet=1']) {
        const { status } = await admin.ask(admin.root, 'GET', `/api/admin/vouchers/none/${path}`);
        assert.equal(status, 404, path);
      }
    });

    test('the database has no code, the sheet has all, and no cell of it is a formula', async () => {
      const { id, codes } = await batchOf({ name: '=HYPERLINK("x")', tokens: 3, codes: 10_000 });
      assert.equal(new Set(codes).size, 10_000);
      const ada = await admin.person();
      assert.equal((await redeem(ada.access, codes[9_999])).status, 200);
      const { text, headers } = await admin.ask(
        admin.staff,
        'GET',
        `/api/admin/vouchers/${id}/codes/?format=csv`,
      );
      assert.match(String(headers['content-type']), /^text\/csv/);
      const lines = text.trimEnd().split('\r\n');
      assert.equal(lines.length, 10_001);
      assert.match(
        lines[1] ?? '',
        new RegExp(`^1,${codes[0]},"'=HYPERLINK\\(""x""\\)",3,,,,0,1,,$`),
      );
      assert.match(lines[10_000] ?? '', new RegExp(`,1,0,${ada.username},2`));
      const database = await openMigrated(at.url);
      const rows = await database.kysely.selectFrom('vouchers').selectAll().execute();
      await database.close();
      const stored = JSON.stringify(rows);
      assert.ok(rows.length >= 10_000);
      for (const code of codes.slice(0, 100)) {
        assert.ok(!stored.includes(code) && !stored.includes(code.replaceAll('-', '')));
      }
    });

    test('with another secret key codes still work, and none is printed', async () => {
      const { id, codes } = await batchOf({ tokens: 3 });
      const { context } = admin.chit;
      const { voucherCodes } = context;
      const replaced = context as { voucherCodes: VoucherCodes };
      replaced.voucherCodes = new VoucherCodes('another secret key of this installation');
      try {
        for (const query of ['format=csv', 'sheet=1']) {
          const path = `/api/admin/vouchers/${id}/codes/?${query}`;
          await refused(admin.ask(admin.staff, 'GET', path), 409, 'voucher_codes_lost');
        }
        const { codes: listed } = await admin.read(`/api/admin/vouchers/${id}/codes/`);
        assert.deepEqual(
          listed.map((it: Json) => [it.code, it.hint]),
          codes.map(() => [null, null]),
        );
        const ada = await admin.person();
        assert.equal((await redeem(ada.access, codes[0])).status, 200);
      } finally {
        replaced.voucherCodes = voucherCodes;
      }
    });
  });
});
