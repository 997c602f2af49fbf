/** However many setup links are created and used at once, only one superuser is created. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { passwordLinkFor } from '../../../src/app/accounts/manage-users.ts';
import { makeSetupLink, setUp } from '../../../src/app/accounts/one-time-links.ts';
import type { Chit } from '../../../src/compose.ts';
import { ChitError } from '../../../src/core/errors.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { type EachDatabase, onEachDatabase } from '../../support/databases.ts';
import { openOf } from '../../support/ledger-commands.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const ROUNDS = 4;

/** Two servers on one empty database. */
async function twoServers(at: EachDatabase): Promise<{ url: string; servers: [Chit, Chit] }> {
  const url = await at.newUrl();
  const open = () => openTestChit(url, scriptedModel(flatPrice(1)));
  return { url, servers: [await open(), await open()] };
}

function tokenOf(link: { readonly path: string } | undefined): string {
  return link?.path.split('#')[1] ?? '';
}

/** Uses a link; whether it worked. */
async function use({ context }: Chit, token: string, username: string): Promise<boolean> {
  const asked = { token, username, password: 'a long passphrase', address: '127.0.0.1' };
  try {
    await setUp(context, asked);
    return true;
  } catch (error) {
    assert.ok(error instanceof ChitError && error.code === 'link_invalid', String(error));
    return false;
  }
}

async function superusers({ context }: Chit): Promise<string[]> {
  const all = await context.users.list({ afterId: -1, limit: 100 });
  return all.filter(({ isSuperuser }) => isSuperuser).map(({ username }) => username);
}

onEachDatabase((at) => {
  test('of two servers that start at once, one has a working link', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { url, servers } = await twoServers(at);
      const links = await Promise.all(servers.map(({ context }) => makeSetupLink(context)));
      const database = openDatabase(url);
      const kept = await database.kysely.selectFrom('one_time_links').selectAll().execute();
      assert.equal(kept.length, 1);
      const worked = await Promise.all([
        ...servers.map((chit, nth) => use(chit, tokenOf(links[nth]), `first-${nth}`)),
        ...servers.map((chit, nth) => use(chit, tokenOf(links[nth]), `again-${nth}`)),
      ]);
      assert.equal(worked.filter((it) => it).length, 1, worked.join());
      assert.equal((await superusers(servers[0])).length, 1);
      assert.equal((await database.kysely.selectFrom('users').select('id').execute()).length, 1);
      assert.deepEqual(await faultsOf(servers[0]), []);
      await Promise.all([...servers, database].map((it) => it.close()));
    }
  });

  test('a link created while another is being used does not create a second superuser', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { servers } = await twoServers(at);
      const [one, two] = servers;
      const first = use(one, tokenOf(await makeSetupLink(one.context)), 'one');
      await sleep(round * 20);
      const second = makeSetupLink(two.context).then(
        (link) => link !== undefined && use(two, tokenOf(link), 'two'),
      );
      const worked = await Promise.all([first, second]);
      assert.equal(worked.filter((it) => it).length, 1, worked.join());
      assert.deepEqual(await superusers(one), [worked[0] ? 'one' : 'two']);
      const { rows } = await one.context.auditLog.page({ limit: 10 });
      assert.deepEqual(
        rows.map(({ action }) => action),
        ['setup.superuser'],
      );
      await Promise.all(servers.map((it) => it.close()));
    }
  });

  test('a link stays valid if its username is taken meanwhile', async () => {
    const { url, servers } = await twoServers(at);
    const [one] = servers;
    const { context } = one;
    const token = tokenOf(await makeSetupLink(context));
    const database = openDatabase(url);
    const hashNow = async () => {
      const query = database.kysely.selectFrom('one_time_links').select('token_hash');
      return (await query.executeTakeFirst())?.token_hash;
    };
    const given = await hashNow();
    const asked = { token, username: 'ada', password: 'a long passphrase', address: '::1' };
    const lost = assert.rejects(setUp(context, asked), { code: 'username_taken' });
    // Its password is being hashed, which takes longer than to open an account without one.
    while ((await hashNow()) === given) await new Promise((resolve) => setImmediate(resolve));
    const open = openOf(1, 5);
    await context.ledger.submit({ ...open, user: { ...open.user, username: 'ada' } });
    await lost;
    assert.ok(await use(one, token, 'grace'));
    assert.deepEqual(await superusers(one), ['grace']);
    await Promise.all([...servers, database].map((it) => it.close()));
  });

  test('of two password links for a user only the later one works', async () => {
    const { url, servers } = await twoServers(at);
    const userId = await newAccount(servers[0]);
    const by = { actor: 'cli:test', address: undefined, user: undefined } as const;
    for (const { context } of servers) await passwordLinkFor(context, by, userId);
    const database = openDatabase(url);
    const kept = await database.kysely.selectFrom('one_time_links').selectAll().execute();
    assert.deepEqual(
      kept.map(({ user_id }) => user_id),
      [userId],
    );
    await Promise.all([...servers, database].map((it) => it.close()));
  });
});
