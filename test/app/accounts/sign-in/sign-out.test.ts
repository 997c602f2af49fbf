/** Signing out at the provider, and sign-outs that begin there, on both databases. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { logIn } from '../../../../src/app/accounts/log-in.ts';
import {
  providerSignOut,
  signOutByProvider,
  signOutUrl,
} from '../../../../src/app/accounts/sign-in/sign-out-by-provider.ts';
import { signOut } from '../../../../src/app/accounts/use-refresh-token.ts';
import type { Context } from '../../../../src/app/context.ts';
import type { Chit } from '../../../../src/compose.ts';
import { hasCode } from '../../../../src/core/errors.ts';
import { type OpenDatabase, openDatabase } from '../../../../src/store/database/dialect.ts';
import { createAccount } from '../../../support/chit.ts';
import { onEachDatabase } from '../../../support/databases.ts';
import { FakeIdentityProvider } from '../../../support/fake-identity-provider.ts';
import { comeBack, leave, openProviderChit, signInAs } from '../../../support/provider-chit.ts';

const SITE = 'https://chat.example/';

onEachDatabase((at) => {
  describe('signing out with a provider', () => {
    let provider: FakeIdentityProvider;
    let chit: Chit;
    let context: Context;
    let database: OpenDatabase;
    before(async () => {
      provider = await FakeIdentityProvider.make();
      ({ chit, context } = await openProviderChit(at.url, provider));
      database = openDatabase(at.url);
    });
    after(async () => {
      await database.close();
      await chit.close();
    });

    /** A second before, so that a sign-out of now comes after it. */
    const earlier = () => Math.floor(Date.now() / 1000) - 1;
    const signIn = (sub: string, sid?: string) =>
      signInAs(context, provider, { sub, claims: { sid, iat: earlier() } });
    const logout = async (claims: Record<string, unknown>) => {
      const token = await provider.logoutToken(claims);
      await signOutByProvider(context, { provider: 'school', token, address: '192.0.2.7' });
    };
    const sessions = async (userId: number) =>
      (await context.refreshTokens.validOf(userId, context.now(), { limit: 9 })).length;
    const kept = async () => {
      const { rows } = await sql<{ session: string; id_token: string }>`
        SELECT session, id_token FROM provider_sessions`.execute(database.kysely);
      return rows;
    };

    test('the browser takes the ID token along, which the database has only sealed and until then', async () => {
      const { refresh } = await signIn('nora', 'at the library');
      const [row] = await kept();
      assert.ok(row);
      assert.doesNotMatch(JSON.stringify(row), /library|nora|eyJ/);
      const there = await providerSignOut(context, refresh);
      assert.ok(there);
      await signOut(context, refresh);
      assert.deepEqual(await kept(), []);
      const url = new URL((await signOutUrl(context, there, SITE)) ?? '');
      assert.equal(url.origin + url.pathname, 'https://id.example/logout');
      assert.equal(url.searchParams.get('client_id'), 'chit');
      assert.equal(url.searchParams.get('post_logout_redirect_uri'), SITE);
      const [, said = ''] = url.searchParams.get('id_token_hint')?.split('.') ?? [];
      assert.equal(JSON.parse(Buffer.from(said, 'base64url').toString()).sub, 'nora');
      assert.equal(await providerSignOut(context, refresh), undefined, 'it has ended');
    });

    test('one that is too long for an address stays behind; other sessions have none', async () => {
      const groups = Array.from({ length: 200 }, (_, at) => `a group with the number ${at}`);
      const { refresh } = await signInAs(context, provider, { sub: 'nils', claims: { groups } });
      const there = await providerSignOut(context, refresh);
      assert.ok(there && there.idToken === undefined);
      const url = new URL((await signOutUrl(context, there, SITE)) ?? '');
      assert.equal(url.searchParams.has('id_token_hint'), false);
      assert.equal(url.searchParams.get('client_id'), 'chit');
      const account = { username: 'otto', password: 'velvet-tram-19' };
      await createAccount(context, { ...account, isStaff: false, isSuperuser: false });
      const { refresh: own } = await logIn(context, { ...account, address: '192.0.2.9' });
      assert.equal(await providerSignOut(context, own), undefined);
    });

    test('the provider ends one session, or all of somebody, and nobody else’s', async () => {
      const { userId } = await signIn('pia', 'one');
      await signIn('pia', 'two');
      const { userId: other } = await signIn('quentin', 'three');
      await logout({ sid: 'one' });
      assert.equal(await sessions(userId), 1);
      const { rows: users } = await sql<{ access_cutoff_at: number }>`SELECT access_cutoff_at
        FROM users WHERE id = ${userId}`.execute(database.kysely);
      assert.ok(Number(users[0]?.access_cutoff_at) > 0, 'access tokens end too');
      // Somebody else's name of the session: it is not theirs.
      await logout({ sid: 'none', sub: 'pia' });
      assert.equal(await sessions(userId), 1);
      await signIn('pia', 'four');
      await logout({ sub: 'pia' });
      assert.equal(await sessions(userId), 0);
      assert.equal(await sessions(other), 1);
      const page = { target: `user:${userId}`, beforeId: undefined, limit: 9 };
      const { rows } = await context.auditLog.page(page);
      const ended = rows.filter(({ action }) => action === 'user.end_sessions');
      assert.deepEqual(
        ended.map(({ actor, address, after }) => [actor, address, after]),
        [
          ['provider:school', '192.0.2.7', { sessions: 2 }],
          ['provider:school', '192.0.2.7', { sessions: 1 }],
        ],
      );
    });

    test('a session whose name there is unknown ends with its person', async () => {
      const { userId } = await signIn('rosa');
      await logout({ sid: 'unknown here' });
      assert.equal(await sessions(userId), 1);
      await logout({ sid: 'unknown here', sub: 'rosa' });
      assert.equal(await sessions(userId), 0);
    });

    test('a token counts once, also of two that come at once; of one that was broken off, again', async () => {
      const { userId } = await signIn('sven', 'here');
      const token = await provider.logoutToken({ sub: 'sven' });
      const once = () =>
        signOutByProvider(context, { provider: 'school', token, address: '192.0.2.7' });
      const { providerSessions } = context;
      const broken = { ...context, providerSessions: Object.create(providerSessions) };
      broken.providerSessions.signOut = (...all: Parameters<typeof providerSessions.signOut>) => {
        const [of, now] = all;
        return providerSessions.signOut(of, now, () => {
          throw new Error('The power is gone.');
        });
      };
      const request = { provider: 'school', token, address: '192.0.2.7' };
      await assert.rejects(signOutByProvider(broken, request), /power/);
      assert.equal(await sessions(userId), 1);
      const both = await Promise.allSettled([once(), once()]);
      assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
      assert.equal(await sessions(userId), 0);
      const iat = Math.floor(Date.now() / 1000) + 1;
      await signInAs(context, provider, { sub: 'sven', claims: { sid: 'later', iat } });
      await assert.rejects(once(), (it) => hasCode(it, 'logout_token_refused'));
      assert.equal(await sessions(userId), 1);
    });

    test('whoever is signed out there on the way back has no session; a later sign-in has', async () => {
      const { userId } = await signIn('tina', 'first');
      for (const claims of [{ sid: 'second' }, { sub: 'tina' }]) {
        const away = await leave(context);
        const back = provider.authorize(away.url, {
          sub: 'tina',
          claims: { sid: 'second', iat: earlier() },
        });
        await logout(claims);
        const earlierSessions = await sessions(userId);
        await assert.rejects(comeBack(context, back, away), (it) => hasCode(it, 'sign_in_expired'));
        assert.equal(await sessions(userId), earlierSessions);
      }
      const iat = Math.floor(Date.now() / 1000) + 1;
      await signInAs(context, provider, { sub: 'tina', claims: { sid: 'third', iat } });
      assert.equal(await sessions(userId), 1);
    });

    test('what is kept of sessions and tokens goes when they have ended', async () => {
      await signIn('ute', 'until the end');
      assert.notDeepEqual(await kept(), []);
      await context.providerSessions.sweep(context.now() + context.tokens.mostSessionMs + 1_000);
      const { rows } = await sql`SELECT key FROM provider_sign_outs`.execute(database.kysely);
      assert.deepEqual([rows, await kept()], [[], []]);
    });
  });
});
