/** What a provider, or somebody between, can send that signs nobody in and makes nothing. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { sql } from 'kysely';
import type { Context } from '../../../../src/app/context.ts';
import type { Chit } from '../../../../src/compose.ts';
import { ChitError, type ErrorCode } from '../../../../src/core/errors.ts';
import { openDatabase } from '../../../../src/store/database/dialect.ts';
import { FakeIdentityProvider, type Faults } from '../../../support/fake-identity-provider.ts';
import {
  comeBack,
  leave,
  openProviderChit,
  otherBrowser,
  signInAs,
} from '../../../support/provider-chit.ts';
import { newFolder } from '../../../support/server.ts';

const OTHER_ISSUER = 'https://evil.example';

let provider: FakeIdentityProvider;
let chit: Chit;
let context: Context;
let clock: { offsetMs: number };
let database: ReturnType<typeof openDatabase>;

before(async () => {
  provider = await FakeIdentityProvider.make();
  const url = `sqlite:${newFolder()}/chit.db`;
  const others = { evil: { issuer: OTHER_ISSUER, clientId: 'chit' } };
  ({ chit, context, clock } = await openProviderChit(url, provider, { others }));
  database = openDatabase(url);
});
afterEach(() => {
  provider.faults = {};
});
after(async () => {
  await database.close();
  await chit.close();
});

/** How many there are of all that a sign-in makes. */
async function made(): Promise<unknown> {
  const { rows } = await sql`SELECT (SELECT count(*) FROM users) AS users,
    (SELECT count(*) FROM accounts) AS accounts, (SELECT count(*) FROM identities) AS identities,
    (SELECT count(*) FROM refresh_tokens) AS sessions,
    (SELECT count(*) FROM group_members) AS members`.execute(database.kysely);
  return rows[0];
}

/** Requires that a sign-in is refused with a code, and nothing is made. */
async function refused(code: ErrorCode, signIn: () => Promise<unknown>): Promise<void> {
  const earlier = await made();
  await assert.rejects(signIn(), (error) => error instanceof ChitError && error.code === code);
  assert.deepEqual(await made(), earlier);
}

/** Requires that tokens with a fault are refused. */
const faulty = (faults: Faults, code: ErrorCode = 'sign_in_failed') =>
  refused(code, () => {
    provider.faults = faults;
    return signInAs(context, provider, { sub: 'mallory' });
  });

const ago = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;

test('a token for another audience', () => faulty({ claims: { aud: 'another-client' } }));

test('a token for several audiences that was made for another one', () =>
  faulty({ claims: { aud: ['chit', 'another-client'], azp: 'another-client' } }));

test('a token of another issuer', () => faulty({ claims: { iss: OTHER_ISSUER } }));

test('a token with another nonce', () => faulty({ claims: { nonce: 'of another sign-in' } }));

test('a token without a nonce', () => faulty({ claims: { nonce: undefined } }));

test('a token without a subject', () => faulty({ claims: { sub: undefined } }));

test('a token that has expired', () => faulty({ claims: { iat: ago(900), exp: ago(600) } }));

test('a token that is not valid yet', () => faulty({ claims: { nbf: ago(-600) } }));

test('a token with alg none, though the provider says that it uses that', () =>
  faulty({ alg: 'none' }));

test('a token that is signed with a secret', () => faulty({ alg: 'HS256' }));

test('a token with the signature of another key', () => faulty({ isForged: true }));

test('a provider that does not answer', () => faulty({ isDown: true }, 'sign_in_unreachable'));

test('a nonce that was used before: the token of an earlier sign-in is not accepted again', async () => {
  const first = await leave(context);
  const nonce = new URL(first.url).searchParams.get('nonce') ?? '';
  await comeBack(context, provider.authorize(first.url, { sub: 'nonce' }), first);
  await faulty({ claims: { nonce } });
});

test('a code that was used before', async () => {
  const first = await leave(context);
  const back = provider.authorize(first.url, { sub: 'code' });
  await comeBack(context, back, first);
  const second = await leave(context, first.browser);
  const again = provider.authorize(second.url, { sub: 'code' });
  again.searchParams.set('code', back.searchParams.get('code') ?? '');
  await refused('sign_in_failed', () => comeBack(context, again, second));
});

test('a state that was used before, even if the provider would take the code again', async () => {
  provider.faults = { isCareless: true };
  const away = await leave(context);
  const back = provider.authorize(away.url, { sub: 'state' });
  await comeBack(context, back, away);
  await refused('sign_in_expired', () => comeBack(context, back, away));
});

test('of two who come back at once with one state, one is let in', async () => {
  provider.faults = { isCareless: true };
  const away = await leave(context);
  const back = provider.authorize(away.url, { sub: 'twice' });
  const both = await Promise.allSettled([1, 2].map(() => comeBack(context, back, away)));
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('a state that nobody was given, none at all, and two', async () => {
  const away = await leave(context);
  const back = provider.authorize(away.url, { sub: 'mallory' });
  const right = back.searchParams.get('state') ?? '';
  const withStates = (...states: string[]) => {
    const url = new URL(back);
    url.searchParams.delete('state');
    for (const it of states) url.searchParams.append('state', it);
    return url;
  };
  for (const states of [['invented'], [], [right, 'invented'], ['invented', right]]) {
    await refused('sign_in_expired', () => comeBack(context, withStates(...states), away));
  }
});

test('an attempt that is older than ten minutes', async () => {
  const away = await leave(context);
  const back = provider.authorize(away.url, { sub: 'late' });
  clock.offsetMs = 600_001;
  await refused('sign_in_expired', () => comeBack(context, back, away));
  clock.offsetMs = 0;
});

test('a code that somebody injects into another browser, which did not begin the sign-in', async () => {
  const away = await leave(context);
  const back = provider.authorize(away.url, { sub: 'mallory' });
  await refused('sign_in_expired', () => comeBack(context, back, otherBrowser()));
  await refused('sign_in_expired', () => comeBack(context, back, { browser: '' }));
  // Whoever began it is not locked out by that.
  await comeBack(context, back, away);
});

test('a code of one sign-in in another one of the same browser', async () => {
  const [own, other] = [await leave(context), await leave(context)];
  const code = provider.authorize(other.url, { sub: 'mallory' }).searchParams.get('code') ?? '';
  const back = provider.authorize(own.url, { sub: 'victim' });
  back.searchParams.set('code', code);
  await refused('sign_in_failed', () => comeBack(context, back, own));
  // A provider that does not check the verifier is found out by the nonce.
  provider.faults = { isCareless: true };
  const again = await leave(context);
  const careless = provider.authorize(again.url, { sub: 'victim' });
  careless.searchParams.set('code', code);
  await refused('sign_in_failed', () => comeBack(context, careless, again));
});

test('an answer of another provider (RFC 9207), and one that does not say whose it is', async () => {
  for (const iss of [OTHER_ISSUER, undefined]) {
    const away = await leave(context);
    const back = provider.authorize(away.url, { sub: 'mallory' });
    if (iss === undefined) back.searchParams.delete('iss');
    else back.searchParams.set('iss', iss);
    await refused('sign_in_failed', () => comeBack(context, back, away));
  }
});

test('an attempt at one provider that comes back as that of another one (mix-up)', async () => {
  const away = await leave(context);
  const back = provider.authorize(away.url, { sub: 'victim' });
  const asked = new Map(provider.asked);
  await refused('sign_in_expired', () => comeBack(context, back, { ...away, provider: 'evil' }));
  assert.deepEqual(provider.asked, asked, 'the code has been shown to nobody');
});

test('somebody who does not consent, and an error of the provider', async () => {
  for (const [error, code] of [
    ['access_denied', 'sign_in_denied'],
    ['server_error', 'sign_in_failed'],
  ] as const) {
    const away = await leave(context);
    await refused(code, () => comeBack(context, provider.deny(away.url, error), away));
  }
});

test('keys that the provider has changed are fetched anew, and the old ones are worth nothing', async () => {
  const { userId } = await signInAs(context, provider, { sub: 'rotated' });
  await provider.changeKeys();
  clock.offsetMs += 1_001;
  assert.equal((await signInAs(context, provider, { sub: 'rotated' })).userId, userId);
  await faulty({ isForged: true });
});
