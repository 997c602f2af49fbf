/** Second factors and passkeys: how they are used, and how they are attacked. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { AdminServer, PASSWORD } from '../../support/admin.ts';
import { SoftAuthenticator } from '../../support/authenticator.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type Answer, send } from '../../support/http.ts';
import { awayFromTheEndOfAStep, STEP_MS } from '../../support/totp-steps.ts';

onEachDatabase((at) => {
  let admin: AdminServer;
  let origin: string;
  before(async () => {
    admin = await AdminServer.start({ CHIT_DATABASE_URL: at.url });
    origin = admin.server.url.replace('127.0.0.1', 'localhost');
  });
  after(() => admin.server.close());

  const ask = (
    method: string,
    path: string,
    body?: object,
    { token, cookie }: { token?: string | undefined; cookie?: string | undefined } = {},
  ): Promise<Answer> =>
    send(`${admin.server.url}${path}`, {
      method,
      headers: {
        host: new URL(origin).host,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(cookie ? { cookie } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const post = (path: string, body: object, token?: string) => ask('POST', path, body, { token });
  const refused = (answer: Answer, status: number, code: string) =>
    assert.deepEqual([answer.status, answer.headers['chit-error']], [status, code], answer.text);

  /** The code of a moment; steps are counted from now. */
  const codeOf = (secret: string, steps = 0) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({
      timestamp: Date.now() + steps * STEP_MS,
    });
  const logIn = (username: string, password = PASSWORD) =>
    post('/api/login/', { username, password });
  /** The ticket of the first step. */
  const ticketFor = async (username: string) => {
    const answer = await logIn(username);
    refused(answer, 401, 'second_factor_required');
    const { params } = answer.json as { params: { ticket: string; methods: string[] } };
    return params.ticket;
  };
  const second = (ticket: string, code: string) => post('/api/login/factor/', { ticket, code });

  /** A user with an authenticator app, whose code of this step is used. */
  const withTotp = async (flags = {}) => {
    await awayFromTheEndOfAStep();
    const user = await admin.person(flags);
    const { secret, ticket } = (await post('/api/account/totp/', {}, user.access)).json as {
      secret: string;
      ticket: string;
    };
    // The step before, so that the present code is left for the tests.
    const confirm = { ticket, code: codeOf(secret, -1) };
    const added = await post('/api/account/totp/confirm/', confirm, user.access);
    assert.equal(added.status, 200, added.text);
    const { recovery_codes: codes, access } = added.json as {
      recovery_codes: string[];
      access: string;
    };
    assert.equal(codes.length, 10);
    return { ...user, access, secret, codes };
  };
  const addPasskey = async (access: string, key = new SoftAuthenticator(origin)) => {
    const asked = await post('/api/account/passkeys/options/', {}, access);
    assert.equal(asked.status, 200, asked.text);
    const passkey = key.create((asked.json as { options: object }).options);
    return {
      key,
      answer: await post('/api/account/passkeys/', { name: 'Phone', passkey }, access),
    };
  };
  const passkeySignIn = async (key: SoftAuthenticator) => {
    const { options } = (await post('/api/session/passkey/options/', {})).json as {
      options: object;
    };
    return post('/api/session/passkey/', { passkey: key.get(options) });
  };

  test('a code of the app finishes a sign-in, once, and so does a recovery code', async () => {
    const user = await withTotp();
    const first = await logIn(user.username);
    refused(first, 401, 'second_factor_required');
    const { params } = first.json as { params: { methods: string[]; ticket: string } };
    assert.deepEqual(params.methods, ['code', 'recovery_code']);
    refused(await logIn(user.username, 'wrong'), 400, 'invalid_credentials');

    refused(await second(params.ticket, '000000'), 400, 'code_wrong');
    const code = codeOf(user.secret);
    const done = await second(params.ticket, code);
    assert.equal(done.status, 200, done.text);
    assert.deepEqual(Object.keys(done.json as object), ['refresh', 'access']);
    const { access } = done.json as { access: string };
    assert.equal((await ask('GET', '/api/me/', undefined, { token: access })).status, 200);

    refused(await second(params.ticket, codeOf(user.secret, 1)), 400, 'ticket_invalid');
    refused(await second(await ticketFor(user.username), code), 400, 'code_wrong');
    const [recovery = ''] = user.codes;
    const typed = recovery.toLowerCase().replaceAll('-', ' ');
    assert.equal((await second(await ticketFor(user.username), typed)).status, 200);
    refused(await second(await ticketFor(user.username), recovery), 400, 'code_wrong');
    const { json } = await ask('GET', '/api/account/factors/', undefined, { token: access });
    assert.equal((json as { recovery_codes: number }).recovery_codes, 9);
  });

  test('the secret is sealed and recovery codes are hashed: the database has neither', async () => {
    const user = await withTotp();
    const { context } = admin.chit;
    const totp = await context.factors.totpOf(user.id);
    assert.ok(totp && !totp.sealedSecret.includes(user.secret));
    const plain = (user.codes[0] ?? '').replaceAll('-', '');
    const hash = await context.factors.recoveryCode(user.id, plain.slice(0, 4));
    assert.ok(hash?.startsWith('$argon2id$') && !hash.includes(plain.slice(4)));
  });

  test('two requests with one recovery code, or one ticket, at once: one succeeds', async () => {
    const user = await withTotp();
    const [code = '', other = ''] = user.codes;
    const tickets = [await ticketFor(user.username), await ticketFor(user.username)];
    const answers = await Promise.all(tickets.map((ticket) => second(ticket, code)));
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 400]);

    const ticket = await ticketFor(user.username);
    const both = await Promise.all([second(ticket, other), second(ticket, codeOf(user.secret))]);
    assert.deepEqual(both.map(({ status }) => status).toSorted(), [200, 400]);
    const sessions = await admin.chit.context.refreshTokens.validOf(user.id, Date.now(), {
      limit: 10,
    });
    assert.equal(sessions.length, 2);
  });

  test('a ticket is for its user, for five minutes, and for what it was made for', async () => {
    const { tickets } = admin.chit.context;
    const user = await withTotp();
    const other = await withTotp();
    refused(await second(await ticketFor(other.username), codeOf(user.secret)), 400, 'code_wrong');

    const facts = { userId: user.id, passwordVersion: 0 };
    const make = (purpose: 'sign_in' | 'totp', agoMs: number) =>
      tickets.make(purpose, facts, Date.now() - agoMs);
    const expired = make('sign_in', 5 * 60_000 + 1_000);
    refused(await second(expired, codeOf(user.secret)), 400, 'ticket_invalid');
    refused(await second(make('totp', 0), codeOf(user.secret)), 400, 'ticket_invalid');
    const [text = '', signature = ''] = make('sign_in', 0).split('.');
    const [, ...rest] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    rest[2] = other.id;
    const forged = Buffer.from(JSON.stringify(['sign_in', ...rest])).toString('base64url');
    refused(await second(`${forged}.${signature}`, codeOf(other.secret)), 400, 'ticket_invalid');
    for (const junk of ['', 'x', '.', `${text}.`, `${text}.${signature}.x`]) {
      refused(await second(junk, codeOf(user.secret)), 400, 'ticket_invalid');
    }
  });

  test('between the steps the user is disabled, signed out or chooses another password', async () => {
    const user = await withTotp();
    const id = `/api/admin/users/${user.id}/`;
    const disabled = await ticketFor(user.username);
    await admin.ask(admin.root, 'PATCH', id, { is_active: false });
    refused(await second(disabled, codeOf(user.secret)), 400, 'ticket_invalid');
    await admin.ask(admin.root, 'PATCH', id, { is_active: true });

    const signedOut = await ticketFor(user.username);
    await admin.ask(admin.root, 'POST', `${id}end-sessions/`);
    refused(await second(signedOut, codeOf(user.secret)), 400, 'ticket_invalid');

    const changed = await ticketFor(user.username);
    const token = (
      (await second(await ticketFor(user.username), user.codes[0] ?? '')).json as { access: string }
    ).access;
    const passwords = { old_password: PASSWORD, new_password: 'velvet-tram-19' };
    assert.equal((await post('/api/password/', passwords, token)).status, 200);
    refused(await second(changed, codeOf(user.secret)), 400, 'ticket_invalid');
    // A new password does not remove the factor.
    refused(await logIn(user.username, 'velvet-tram-19'), 401, 'second_factor_required');
  });

  test('codes cannot be guessed, and guesses do not lock out a known device', async () => {
    const user = await withTotp();
    const { username } = user;
    const page = { username, password: PASSWORD };
    const ticketAt = async (cookie?: string) => {
      const answer = await ask('POST', '/api/session/', page, { cookie });
      return (answer.json as { params: { ticket: string } }).params.ticket;
    };
    const at = (ticket: string, code: string, cookie?: string) =>
      ask('POST', '/api/session/factor/', { ticket, code }, { cookie });
    const first = await at(await ticketAt(), user.codes[0] ?? '');
    assert.equal(first.status, 200, first.text);
    const cookies = [first.headers['set-cookie']].flat().map((it) => it?.split(';')[0] ?? '');
    const device = cookies.find((it) => it.startsWith('chit_device')) ?? '';

    const ticket = await ticketAt();
    const guesses = [];
    for (let count = 0; count < 11; count += 1) {
      guesses.push(await at(ticket, String(count).padStart(6, '0')));
    }
    assert.deepEqual(
      guesses.map(({ status }) => status),
      [...Array.from({ length: 10 }, () => 400), 429],
    );
    assert.equal((await at(ticket, codeOf(user.secret))).status, 429);
    assert.equal((await at(await ticketAt(device), codeOf(user.secret), device)).status, 200);
  });

  test('a session that an older server began with the password alone ends here', async () => {
    const { refreshTokens, tokens } = admin.chit.context;
    const user = await withTotp();
    const plain = await admin.person();
    // A server of version 0018 writes nothing of a proof.
    const begunBy = async ({ id }: { id: number }, agoMs: number) => {
      const issued = tokens.issue('refresh', id, Date.now() - agoMs, {});
      const session = { generation: 0, userId: id, isExtended: false, proof: undefined };
      const place = { begunAddress: undefined, lastAddress: undefined, lastUsedAtMs: undefined };
      const device = { browser: undefined, system: undefined };
      await refreshTokens.add({ ...issued, ...session, ...place, ...device }, 0, []);
      return issued.token;
    };
    const refresh = async (token: string) => post('/api/token/refresh/', { refresh: token });
    const before = await begunBy(user, 3_600_000);
    const around = await begunBy(user, -2_000);
    refused(await refresh(around), 401, 'token_invalid');
    refused(await refresh(around), 401, 'token_invalid');
    // Begun before there was a factor, or by somebody who has none.
    assert.equal((await refresh(before)).status, 200);
    assert.equal((await refresh(await begunBy(plain, 0))).status, 200);
  });

  test('a passkey signs in alone, and stands in second place after a password', async () => {
    const user = await admin.person();
    const { key, answer } = await addPasskey(user.access);
    assert.equal(answer.status, 201, answer.text);
    assert.equal((answer.json as { recovery_codes: string[] }).recovery_codes.length, 10);
    key.count = 1;
    const alone = await passkeySignIn(key);
    assert.equal(alone.status, 200, alone.text);
    const { access: token } = alone.json as { access: string };
    const { json } = await ask('GET', '/api/me/', undefined, { token });
    assert.equal((json as { username: string }).username, user.username);

    key.count = 2;
    const ticket = await ticketFor(user.username);
    const asked = await post('/api/session/factor/passkey/', { ticket });
    const { options } = asked.json as { options: object };
    const passkey = key.get(options);
    const done = await post('/api/session/factor/', { ticket, passkey });
    assert.equal(done.status, 200, done.text);
    const again = { ticket: await ticketFor(user.username), passkey };
    refused(await post('/api/session/factor/', again), 400, 'passkey_refused');
  });

  test('a passkey is refused that is not verified, is a copy, answers twice or to others', async () => {
    const user = await admin.person();
    const other = await admin.person();
    const { key } = await addPasskey(user.access);
    key.count = 5;
    assert.equal((await passkeySignIn(key)).status, 200);
    refused(await passkeySignIn(key), 400, 'passkey_refused');
    key.count = 6;
    key.isUserVerified = false;
    refused(await passkeySignIn(key), 400, 'passkey_refused');
    key.isUserVerified = true;
    refused(await passkeySignIn(new SoftAuthenticator(origin)), 400, 'passkey_refused');

    const { options } = (await post('/api/session/passkey/options/', {})).json as {
      options: object;
    };
    const passkey = key.get(options);
    assert.equal((await post('/api/session/passkey/', { passkey })).status, 200);
    key.count = 7;
    const twice = await post('/api/session/passkey/', { passkey: key.get(options) });
    refused(twice, 400, 'ticket_invalid');

    // The challenge of another user, and one for something else.
    const { key: otherKey } = await addPasskey(other.access);
    otherKey.count = 1;
    const asked = await post('/api/account/proof/passkey/', {}, user.access);
    const { options: ofUser } = asked.json as { options: object };
    const stolen = { passkey: otherKey.get(ofUser) };
    refused(await post('/api/account/proof/', stolen, user.access), 400, 'passkey_refused');
    refused(await post('/api/account/proof/', stolen, other.access), 400, 'passkey_refused');
    refused(await post('/api/session/passkey/', stolen), 400, 'passkey_refused');
    const elsewhere = new SoftAuthenticator('https://evil.example');
    refused((await addPasskey(other.access, elsewhere)).answer, 400, 'passkey_refused');
  });

  test('a disabled or deleted user does not come in with a passkey', async () => {
    const user = await admin.person();
    const { key } = await addPasskey(user.access);
    const id = `/api/admin/users/${user.id}/`;
    await admin.ask(admin.root, 'PATCH', id, { is_active: false });
    key.count = 1;
    refused(await passkeySignIn(key), 400, 'passkey_refused');
    await admin.ask(admin.root, 'DELETE', id);
    assert.deepEqual(await admin.chit.context.factors.of(user.id), {
      totp: undefined,
      passkeys: [],
      recoveryCodes: 0,
    });
  });

  test('whoever has a factor proves who they are with it, not with the password', async () => {
    const user = await withTotp();
    const old = admin.chit.context.tokens.issue('access', user.id, Date.now()).token;
    const asked = await post('/api/keys/', { name: 'editor' }, old);
    refused(asked, 403, 'proof_required');
    const { params } = asked.json as { params: { methods: string[] } };
    assert.deepEqual(params.methods, ['code', 'recovery_code']);
    refused(await post('/api/account/proof/', { password: PASSWORD }, old), 403, 'proof_required');
    refused(await post('/api/account/totp/', {}, old), 403, 'proof_required');
    refused(
      await ask('DELETE', '/api/account/totp/', undefined, { token: old }),
      403,
      'proof_required',
    );
    // Nor does a password alone do what cannot be undone.
    const { username } = user;
    const erased = await post('/api/account/delete/', { username, password: PASSWORD }, old);
    refused(erased, 403, 'proof_required');
    const passwords = { old_password: PASSWORD, new_password: 'amber-kite-31' };
    refused(await post('/api/password/', passwords, old), 403, 'proof_required');
    const proved = await post('/api/account/proof/', { code: codeOf(user.secret) }, old);
    assert.equal(proved.status, 200, proved.text);
    const { access } = proved.json as { access: string };
    assert.equal((await post('/api/keys/', { name: 'editor' }, access)).status, 201);
    const fresh = await post('/api/account/recovery-codes/', {}, access);
    const { recovery_codes: codes } = fresh.json as { recovery_codes: string[] };
    refused(await second(await ticketFor(user.username), user.codes[3] ?? ''), 400, 'code_wrong');
    assert.equal((await second(await ticketFor(user.username), codes[3] ?? '')).status, 200);
    assert.equal(
      (await ask('DELETE', '/api/account/totp/', undefined, { token: access })).status,
      204,
    );
    assert.equal((await logIn(user.username)).status, 200);
  });

  test('staff remove lost factors: sessions end, the user is told, it is logged', async () => {
    const user = await withTotp();
    const staff = await withTotp({ isStaff: true });
    const path = (id: number) => `/api/admin/users/${id}/factors/?reason=lost%20phone`;
    refused(await admin.ask(admin.staff, 'DELETE', path(staff.id)), 403, 'permission_denied');
    refused(await admin.ask(user.access, 'DELETE', path(staff.id)), 403, 'permission_denied');
    const old = admin.chit.context.tokens.issue('access', staff.id, Date.now()).token;
    refused(await admin.ask(old, 'DELETE', path(user.id)), 403, 'proof_required');

    assert.equal((await admin.ask(admin.staff, 'DELETE', path(user.id))).status, 204);
    const done = await logIn(user.username);
    assert.equal(done.status, 200);
    assert.equal((await admin.ask(admin.root, 'DELETE', path(staff.id))).status, 204);
    const entries = await admin.entries(`user=${user.username}`);
    assert.ok(
      entries.some((it) => it.action === 'user.reset_factors' && it.reason === 'lost phone'),
    );
    const notices = await admin.chit.context.notices.of(user.id, { limit: 10 });
    assert.ok(
      notices.some(({ kind, data }) => kind === 'factor.changed' && data.change === 'removed'),
    );
  });
});

test('staff who need a second factor can do nothing of the panel before they have one', async () => {
  const strict = await AdminServer.start({ CHIT_STAFF_SECOND_FACTOR: 'required' });
  try {
    const { url, chit } = strict.server;
    const ask = (method: string, path: string, token: string, body?: object) =>
      send(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    const users = (token: string) => ask('GET', '/api/admin/users/', token);
    const missing = await users(strict.staff);
    assert.equal(missing.status, 403);
    assert.equal(missing.headers['chit-error'], 'second_factor_missing');
    assert.equal((await ask('GET', '/api/me/', strict.staff)).status, 200);

    const begun = await ask('POST', '/api/account/totp/', strict.staff, {});
    const { secret, ticket } = begun.json as { secret: string; ticket: string };
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    const added = await ask('POST', '/api/account/totp/confirm/', strict.staff, { ticket, code });
    const { access, recovery_codes: codes } = added.json as {
      access: string;
      recovery_codes: string[];
    };
    assert.equal((await users(access)).status, 200);
    // A session that has not given the factor is asked for it.
    const asked = await users(strict.staff);
    assert.equal(asked.headers['chit-error'], 'proof_required');
    const [one] = codes;
    const proved = await ask('POST', '/api/account/proof/', strict.staff, { code: one });
    assert.equal((await users((proved.json as { access: string }).access)).status, 200);
    const last = await ask('DELETE', '/api/account/totp/', access);
    assert.deepEqual([last.status, last.headers['chit-error']], [409, 'last_factor']);

    // Whoever signed in at a provider has its word.
    const { tokens, users: stored } = chit.context;
    const root = await stored.byUsername('Person1');
    assert.ok(root);
    const proof = { atMs: Date.now(), by: 'provider' } as const;
    const { token } = tokens.issue('access', root.id, Date.now(), { proof });
    assert.equal((await users(token)).status, 200);
  } finally {
    await strict.server.close();
  }
});
