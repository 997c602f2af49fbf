/**
 * What a password gave does not outlive it, in any order of events. Nothing here hopes for an
 * order: on PostgreSQL the change of the password waits at its COMMIT until the other side waits as
 * well or is done, and elsewhere one happens between two steps of the other.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createApiKey } from '../../../src/app/accounts/api-keys.ts';
import { Authenticator } from '../../../src/app/accounts/authenticate.ts';
import { KeyAuthenticator } from '../../../src/app/accounts/authenticate-key.ts';
import { changePassword } from '../../../src/app/accounts/change-password.ts';
import { logIn } from '../../../src/app/accounts/log-in.ts';
import { changeUser, passwordLinkFor } from '../../../src/app/accounts/manage-users.ts';
import { choosePassword } from '../../../src/app/accounts/one-time-links.ts';
import { refreshAccess } from '../../../src/app/accounts/use-refresh-token.ts';
import type { Context } from '../../../src/app/context.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import type { User } from '../../../src/store/accounts/users.ts';
import { newAccount, openTestChit } from '../../support/chit.ts';
import { databaseKind, onEachDatabase } from '../../support/databases.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const OLD = 'Pa55word!x';
const NEW = 'another passphrase';
const address = '192.0.2.7';
const BY = { actor: 'cli:test', address: undefined, user: undefined } as const;
const COMMIT_LOCK = 7;

async function newUserOf(chit: Chit): Promise<User> {
  const user = await chit.context.users.byId(await newAccount(chit));
  assert.ok(user);
  return user;
}

function change(
  context: Context,
  user: User,
  newPassword = NEW,
  from = '192.0.2.8',
): Promise<void> {
  const request = { oldPassword: OLD, newPassword, endsApiKeys: false, address: from };
  return changePassword(context, user, request);
}

async function linkFor({ context }: Chit, user: User): Promise<string> {
  return (await passwordLinkFor(context, BY, user.id)).path.split('#')[1] ?? '';
}

function newKey({ context }: Chit, { id: userId, passwordVersion }: User) {
  const rest = { models: undefined, budgetCredits: undefined, expiresAtMs: undefined };
  return createApiKey(context, { userId, passwordVersion, name: 'race', ...rest });
}

/** A part of the context that runs something after the first call of one of its methods. */
function afterFirstCall<T extends object>(part: T, happens: () => Promise<unknown>): T {
  let isFirst = true;
  return new Proxy(part, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...given: unknown[]) => {
        const result: unknown = await method.apply(target, given);
        if (isFirst) {
          isFirst = false;
          await happens();
        }
        return result;
      };
    },
  });
}

/** A part of the context that runs something before the call of a method. */
function beforeCallOf<T extends object>(
  part: T,
  wanted: keyof T & string,
  happens: () => Promise<unknown>,
): T {
  return new Proxy(part, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...given: unknown[]) => {
        if (name === wanted) await happens();
        return method.apply(target, given);
      };
    },
  });
}

onEachDatabase((at) => {
  let chit: Chit;
  before(async () => {
    chit = await openTestChit(at.url, scriptedModel(flatPrice(1)));
  });
  after(() => chit.close());

  test('a password that changes between its check and the storing gives no token', async () => {
    const { context } = chit;
    const user = await newUserOf(chit);
    const refreshTokens = beforeCallOf(context.refreshTokens, 'add', () => change(context, user));
    const late = logIn(
      { ...context, refreshTokens },
      { username: user.username, password: OLD, address },
    );
    await assert.rejects(late, { code: 'invalid_credentials' });
    assert.deepEqual(await context.refreshTokens.validOf(user.id, context.now(), { limit: 1 }), []);
  });

  test('a user disabled between the check and the storing gets no token', async () => {
    const { context } = chit;
    const user = await newUserOf(chit);
    const disable = () => changeUser(context, BY, user.id, { isActive: false, reason: undefined });
    const refreshTokens = beforeCallOf(context.refreshTokens, 'add', disable);
    const late = logIn(
      { ...context, refreshTokens },
      { username: user.username, password: OLD, address },
    );
    await assert.rejects(late, { code: 'invalid_credentials' });
    await changeUser(context, BY, user.id, { isActive: true, reason: undefined });
    assert.deepEqual(await context.refreshTokens.validOf(user.id, context.now(), { limit: 1 }), []);
  });

  test('of two changes that knew the same old password the first one counts', async () => {
    const { context } = chit;
    const user = await newUserOf(chit);
    const users = afterFirstCall(context.users, () => change(context, user, 'of the owner'));
    const late = change({ ...context, users }, user, 'of somebody else', address);
    await assert.rejects(late, { code: 'invalid_fields' });
    const { username } = user;
    assert.ok(await logIn(context, { username, password: 'of the owner', address }));
  });

  test('a link that ends while its password is being hashed does nothing', async () => {
    const { context } = chit;
    const user = await newUserOf(chit);
    const token = await linkFor(chit, user);
    const raise = () => changeUser(context, BY, user.id, { isStaff: true, reason: undefined });
    const oneTimeLinks = afterFirstCall(context.oneTimeLinks, raise);
    const late = choosePassword({ ...context, oneTimeLinks }, { token, password: NEW, address });
    await assert.rejects(late, { code: 'link_invalid' });
    assert.ok(await logIn(context, { username: user.username, password: OLD, address }));
  });

  test('an access token of before the change ends with it, one of after it works', async () => {
    const { context } = chit;
    const user = await newUserOf(chit);
    const logInWith = (password: string) =>
      logIn(context, { username: user.username, password, address });
    // In one and the same second, which is as exact as the times of tokens are.
    const atMs = context.now();
    const frozen: Context = { ...context, now: () => atMs };
    const first = await logInWith(OLD);
    await change(frozen, user);
    const { access } = await logIn(frozen, { username: user.username, password: NEW, address });
    const tokens = new Authenticator(context);
    await assert.rejects(async () => tokens.userOf(first.access), { code: 'access_token_invalid' });
    assert.equal((await tokens.userOf(access)).id, user.id);
  });
});

describe('at the COMMIT of the change, on PostgreSQL', () => {
  let kind: Awaited<ReturnType<typeof databaseKind>>;
  let chit: Chit;
  let gate: pg.Client;

  before(async () => {
    kind = await databaseKind('PostgreSQL');
    const url = await kind.newUrl();
    chit = await openTestChit(url, scriptedModel(flatPrice(1)));
    gate = new pg.Client({ connectionString: url });
    await gate.connect();
    await gate.query(`CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_advisory_xact_lock(${COMMIT_LOCK}); RETURN NULL; END $$`);
    await gate.query(`CREATE CONSTRAINT TRIGGER wait_at_commit
      AFTER UPDATE OF password_hash ON users DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION wait_at_commit()`);
  });
  after(async () => {
    await gate.end();
    await chit.close();
    await kind.stop();
  });

  async function waiting(): Promise<number> {
    const { rows } = await gate.query<{ count: string }>(
      'SELECT count(DISTINCT pid) AS count FROM pg_locks WHERE NOT granted',
    );
    return Number(rows[0]?.count);
  }

  /** Runs something while a change has done everything but its COMMIT. */
  async function duringCommit<T>(
    changing: () => Promise<unknown>,
    during: () => Promise<T>,
  ): Promise<PromiseSettledResult<T>> {
    await gate.query(`SELECT pg_advisory_lock(${COMMIT_LOCK})`);
    const changed = changing();
    while ((await waiting()) < 1) await sleep(5);
    let isDone = false;
    const other = Promise.allSettled([during()]).finally(() => {
      isDone = true;
    });
    while (!isDone && (await waiting()) < 2) await sleep(5);
    await gate.query(`SELECT pg_advisory_unlock(${COMMIT_LOCK})`);
    await changed;
    const [settled] = await other;
    return settled;
  }

  test('a sign-in with the old password is refused', async () => {
    const { context } = chit;
    const user = await newUserOf(chit);
    const { username } = user;
    const signedIn = await duringCommit(
      () => change(context, user),
      () => logIn(context, { username, password: OLD, address }),
    );
    assert.deepEqual(await context.refreshTokens.validOf(user.id, context.now(), { limit: 1 }), []);
    assert.equal(signedIn.status, 'rejected');
  });

  test('a refresh gives no access token that outlives the change', async () => {
    const { context } = chit;
    const user = await newUserOf(chit);
    const { username } = user;
    const { refresh } = await logIn(context, { username, password: OLD, address });
    const refreshed = await duringCommit(
      () => change(context, user),
      () => refreshAccess(context, refresh),
    );
    if (refreshed.status === 'rejected') return;
    const tokens = new Authenticator(context);
    await assert.rejects(async () => tokens.userOf(refreshed.value.access));
  });

  test('an API key asked for with the old session does not outlive a reset by link', async () => {
    const { context } = chit;
    const user = await newUserOf(chit);
    const token = await linkFor(chit, user);
    const made = await duringCommit(
      () => choosePassword(context, { token, password: NEW, address }),
      () => newKey(chit, user),
    );
    assert.deepEqual(await context.apiKeys.of(user.id), []);
    if (made.status === 'rejected') return;
    const keys = new KeyAuthenticator(context);
    await assert.rejects(async () => keys.ownerOf(made.value.key));
  });
});
