/** Nobody takes the name of another user, nor what was meant for a user who is gone. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createUser, deleteUser } from '../../../src/app/accounts/manage-users.ts';
import { registerUser } from '../../../src/app/accounts/register-user.ts';
import { AllowedUsers } from '../../../src/app/metering/allowed-users.ts';
import { modelsFor } from '../../../src/app/metering/models-for.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { AllowedUserStore } from '../../../src/store/accounts/allowed-users.ts';
import { type OpenDatabase, openDatabase } from '../../../src/store/database/dialect.ts';
import { openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { openOf } from '../../support/ledger-commands.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const BY = { actor: 'cli:test', address: undefined, user: undefined } as const;
const SECRET = { ...scriptedModel(flatPrice(1)), name: 'secret', allow: ['bob', 'carol'] };

onEachDatabase((at) => {
  let chit: Chit;
  let database: OpenDatabase;
  before(async () => {
    chit = await openTestChit(at.url, SECRET);
    // A SQLite database in another connection is only read here.
    database = openDatabase(at.url);
  });
  after(() => Promise.all([chit.close(), database.close()]));

  const signUp = (username: string) =>
    registerUser(chit.context, {
      username,
      password: 'a long passphrase',
      address: '192.0.2.1',
      idempotency: undefined,
    });

  async function byStaff(username: string): Promise<number> {
    const { user } = await createUser(chit.context, BY, {
      username,
      password: 'a long passphrase',
      openingCredits: 100,
      isStaff: false,
      isSuperuser: false,
    });
    return user.id;
  }

  const remove = (id: number) => deleteUser(chit.context, BY, id, undefined);
  const mayUse = async (id: number) => {
    try {
      return (await modelsFor(chit.context, id, 'secret'))[0].name === 'secret';
    } catch {
      return false;
    }
  };
  /** As a server does at its start, after which it knows nothing but what is stored. */
  const restart = async (names: readonly string[] = SECRET.allow) => {
    const models = [{ ...SECRET, allow: names }];
    const store = new AllowedUserStore(database.kysely);
    const allowedUsers = new AllowedUsers(chit.context.users, store, models);
    Object.assign(chit.context, { allowedUsers });
    await allowedUsers.forgetOthers();
    return allowedUsers.resolve(models);
  };

  test('a name that is too similar to another is taken, whoever asks and however often', async () => {
    await signUp('Ada');
    for (const name of ['Ada', 'ada', 'ADA', 'АDА'.toLowerCase().replaceAll('d', 'ԁ')]) {
      await assert.rejects(signUp(name), { code: 'username_taken' }, name);
      await assert.rejects(byStaff(name), { code: 'username_taken' }, name);
    }
    const users = await chit.context.users.list({ afterId: -1, limit: 100 });
    assert.deepEqual(
      users.map(({ username }) => username),
      ['Ada'],
    );
  });

  test('of two similar names at once one is taken', async () => {
    const both = await Promise.allSettled([signUp('Grace'), signUp('grace')]);
    assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  test('a name that cannot be told from another is refused, and no account is opened', async () => {
    for (const [name, reason] of [
      ['ad\u200ba', 'characters'],
      ['user:42', 'reserved'],
      ['cli:root', 'reserved'],
      ['аda', 'mixed_scripts'],
    ] as const) {
      const invalid = (error: { details: { fields: { username: { fault: object }[] } } }) => {
        const fault = error.details.fields.username[0]?.fault;
        assert.deepEqual(fault, { code: 'not_a_username', reason });
        return true;
      };
      await assert.rejects(signUp(name), invalid);
      await assert.rejects(byStaff(name), invalid);
      assert.equal(await chit.context.users.byUsername(name), undefined);
    }
  });

  test('a name is free again once its user was deleted, and after an opening that failed', async () => {
    const id = await byStaff('Dave');
    await remove(id);
    await signUp('dave');
    const { usernameClaims, now } = chit.context;
    // A server that stopped between the claim and the account.
    assert.equal(await usernameClaims.claim('Erin', now() - 61_000), 'claimed');
    await signUp('erin');
    assert.equal(await usernameClaims.claim('Frank', now()), 'claimed');
    await assert.rejects(signUp('frank'), { code: 'username_taken' });
    await signUp('Frank');
  });

  test('an imported user keeps a name that nobody could choose, and it is taken', async () => {
    const open = openOf(1, 5);
    await chit.context.ledger.submit({ ...open, user: { ...open.user, username: 'user:9' } });
    await chit.context.usernameClaims.claimImported('user:9', chit.context.now());
    assert.equal(await chit.context.usernameClaims.claim('USER:9', chit.context.now()), 'taken');
  });

  test('who takes the name of a deleted user does not get the model', async () => {
    assert.deepEqual(await restart(), [
      { name: 'bob', why: 'nobody' },
      { name: 'carol', why: 'nobody' },
    ]);
    for (const name of ['bob', 'Bob', 'CAROL']) {
      await assert.rejects(signUp(name), { code: 'username_taken' }, name);
    }
    const bob = await byStaff('bob');
    assert.equal(await mayUse(bob), true);
    assert.equal(await mayUse(await byStaff('other')), false);
    await remove(bob);
    const second = await byStaff('bob');
    assert.equal(await mayUse(second), false);
    assert.deepEqual(await restart(), [
      { name: 'bob', why: 'deleted' },
      { name: 'carol', why: 'nobody' },
    ]);
    assert.equal(await mayUse(second), false);
    const carol = await byStaff('carol');
    assert.deepEqual(await restart(), [{ name: 'bob', why: 'deleted' }]);
    assert.equal(await mayUse(carol), true);
    // Taken out of the file and put in again, the name means whoever has it now.
    await restart(['carol']);
    assert.deepEqual(await restart(), []);
    assert.equal(await mayUse(second), true);
    assert.equal(await mayUse(carol), true);
  });
});
