/** Cookies of browsers: refresh tokens that rotate, devices that are known, https. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parseCookie } from 'cookie';
import { logIn } from '../../../src/app/accounts/log-in.ts';
import {
  blacklistToken,
  refreshAccess,
  refreshSession,
  verifyToken,
} from '../../../src/app/accounts/use-refresh-token.ts';
import type { Context } from '../../../src/app/context.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { createAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type Answer, postJson, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const PASSWORD = 'a long passphrase';
const GRACE_MS = 30_000;
const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;

/** The cookies that an answer sets, as the browser sends them back. */
function cookiesOf({ headers }: Answer): { cookie: string; all: Record<string, string> } {
  const set = [headers['set-cookie'] ?? []].flat();
  const pairs = set.map((it) => it.split(';')[0] ?? '');
  const all = Object.fromEntries(pairs.map((it) => Object.entries(parseCookie(it))[0] ?? []));
  return { cookie: pairs.join('; '), all: all as Record<string, string> };
}

describe('over HTTP', () => {
  let server: ModelServer;
  before(async () => {
    server = await startModelServer([scriptedModel(flatPrice(100))]);
    await postJson(`${server.url}/api/register/`, { username: 'ada', password: PASSWORD });
  });
  after(() => server.close());

  const signIn = (password: string, headers: Record<string, string> = {}) =>
    send(`${server.url}/api/session/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ username: 'ada', password }),
    });
  const refresh = (cookie: string, headers: Record<string, string> = {}) =>
    send(`${server.url}/api/session/refresh/`, { method: 'POST', headers: { cookie, ...headers } });

  test('each refresh sets the next cookie, with which the session lasts anew', async () => {
    const first = cookiesOf(await signIn(PASSWORD));
    const second = await refresh(first.cookie);
    assert.equal(second.status, 200);
    const next = cookiesOf(second);
    assert.notEqual(next.all.chit_refresh, first.all.chit_refresh);
    const [, seconds] = /Max-Age=(\d+)/i.exec(String(second.headers['set-cookie'])) ?? [];
    assert.ok(Math.abs(Number(seconds) - 30 * DAY_SECONDS) < 10, String(seconds));
    assert.equal((await refresh(next.cookie)).status, 200);
    const { access } = second.json as { access: string };
    const { json } = await send(`${server.url}/api/session/`, {
      headers: { authorization: `Bearer ${access}`, cookie: next.cookie },
    });
    const { sessions } = json as { sessions: { is_current: boolean }[] };
    assert.deepEqual(
      sessions.map(({ is_current }) => is_current),
      [true],
      'it is one session, however often it was refreshed',
    );
  });

  test('a token that somebody has copied is told in the audit log', async (t) => {
    const { context } = server.chit;
    const { cookie } = cookiesOf(await signIn(PASSWORD));
    assert.equal((await refresh(cookie)).status, 200);
    const now = context.now();
    t.mock.method(context, 'now', () => now + GRACE_MS + 1_000);
    assert.equal((await refresh(cookie)).status, 401);
    const user = await context.users.byUsername('ada');
    const target = `user:${user?.id}`;
    const [entry] = await context.auditLog.newestOf({ action: 'user.token_reuse', target }, 1);
    assert.equal(entry?.address, '127.0.0.1');
    t.mock.restoreAll();
  });

  test('over https cookies are __Host-, and one without the prefix is not believed', async () => {
    // Behind a proxy that is not declared only the browser itself says so.
    const https = { origin: 'https://chat.example.com' };
    const answer = await signIn(PASSWORD, https);
    const set = [answer.headers['set-cookie'] ?? []].flat();
    assert.equal(set.length, 2);
    for (const it of set) {
      assert.match(it, /^__Host-chit_(refresh|device)=[^;]/);
      assert.match(it, /; Path=\/(;|$)/i);
      assert.match(it, /; Secure/i);
      assert.match(it, /; HttpOnly/i);
      assert.match(it, /; SameSite=Strict/i);
      assert.doesNotMatch(it, /Domain/i);
    }
    const { all, cookie } = cookiesOf(answer);
    assert.equal((await refresh(cookie, https)).status, 200);
    const planted = `chit_refresh=${all['__Host-chit_refresh']}`;
    assert.equal((await refresh(planted, https)).status, 401);
  });

  test('a browser that was here before is let in whatever others guess', async () => {
    const { all } = cookiesOf(await signIn(PASSWORD));
    for (let tries = 0; tries < 10; tries += 1) await signIn('wrong');
    assert.equal((await signIn(PASSWORD)).status, 429);
    const cookie = `chit_device=${all.chit_device}`;
    assert.equal((await signIn(PASSWORD, { cookie })).status, 200);
    assert.equal((await signIn('wrong', { cookie })).status, 400);
    assert.equal((await signIn(PASSWORD)).status, 429, 'the others are still locked out');
  });
});

onEachDatabase((at) => {
  let chit: Chit;
  let context: Context;
  let nowMs = Date.now();
  before(async () => {
    chit = await openTestChit(at.url, scriptedModel(flatPrice(1)));
    context = { ...chit.context, now: () => nowMs };
    const flags = { isStaff: false, isSuperuser: false };
    await createAccount(context, { username: 'ada', password: PASSWORD, ...flags });
  });
  after(() => chit.close());

  const signIn = () =>
    logIn(context, { username: 'ada', password: PASSWORD, address: '192.0.2.1' });
  const invalid = { code: 'token_invalid', details: { message: 'Token is blacklisted' } };

  test('a token that was replaced and is used again ends its session', async () => {
    const stolen = await signIn();
    const other = await signIn();
    const mine = await refreshSession(context, stolen.refresh);
    const { userId } = stolen;
    nowMs += GRACE_MS + 1;
    const reused: number[] = [];
    const address = '192.0.2.66';
    const from = { address, onReuse: (id: number) => reused.push(id) };
    const target = `user:${userId}`;
    const entries = () => context.auditLog.newestOf({ action: 'user.token_reuse', target }, 10);
    assert.deepEqual(await entries(), []);
    await assert.rejects(refreshSession(context, stolen.refresh, from), invalid);
    await assert.rejects(refreshSession(context, mine.refresh, from), invalid);
    await assert.rejects(refreshSession(context, stolen.refresh, from), invalid);
    assert.deepEqual(reused, [userId]);
    const logged = await entries();
    assert.deepEqual(
      logged.map((it) => [it.actor, it.address]),
      [[target, address]],
    );
    const user = await context.users.byId(userId);
    assert.ok((user?.accessCutoffAtMs ?? 0) >= nowMs, 'access tokens of before have ended');
    assert.ok(await refreshSession(context, other.refresh), 'other sessions go on');
  });

  test('a session of the page lasts 30 days after it was last used; that of a program ends', async () => {
    const ada = { username: 'ada', password: PASSWORD, address: '192.0.2.1' };
    let { refresh, userId } = await logIn(context, { ...ada, isSession: true });
    const ofProgram = await signIn();
    const endsAtMs = Math.floor((nowMs + DAY_MS) / 1000) * 1000;
    for (let uses = 0; uses < 3; uses += 1) {
      nowMs += GRACE_MS + 3_600_000;
      const next = await refreshSession(context, refresh);
      assert.equal(next.expiresAtMs, Math.floor((nowMs + 30 * DAY_MS) / 1000) * 1000);
      ({ refresh } = next);
    }
    // Not even if a program puts its token into the cookie.
    assert.equal((await refreshSession(context, ofProgram.refresh)).expiresAtMs, endsAtMs);
    const kept = await context.refreshTokens.validOf(userId, nowMs + 2 * DAY_MS, { limit: 10 });
    assert.equal(kept.length, 1, 'the database knows the new end, too');
  });

  test('however often it is used, it ends 180 days after it was begun', async () => {
    const earlierMs = nowMs;
    const ada = { username: 'ada', password: PASSWORD, address: '192.0.2.1' };
    let { refresh } = await logIn(context, { ...ada, isSession: true });
    const mostMs = Math.floor(nowMs / 1000) * 1000 + 180 * DAY_MS;
    const ends: number[] = [];
    for (let uses = 0; uses < 7; uses += 1) {
      nowMs += 25 * DAY_MS;
      const next = await refreshSession(context, refresh);
      ends.push(next.expiresAtMs);
      ({ refresh } = next);
    }
    assert.equal(ends[0], Math.floor((earlierMs + 55 * DAY_MS) / 1000) * 1000);
    assert.deepEqual(ends.slice(-2), [mostMs, mostMs]);
    nowMs = earlierMs;
  });

  test('a session knows with which browser it was begun', async () => {
    const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
    const ada = { username: 'ada', password: PASSWORD, address: '192.0.2.1', userAgent };
    nowMs += 1_000;
    const { userId } = await logIn(context, { ...ada, isSession: true });
    const [newest] = await context.refreshTokens.validOf(userId, nowMs, { limit: 1 });
    assert.equal(newest?.browser, 'Firefox');
    assert.equal(newest?.system, 'Linux');
  });

  test('tabs that refresh at once, and a lost answer, get the same next token', async () => {
    const { refresh } = await signIn();
    const [one, two] = await Promise.all([
      refreshSession(context, refresh),
      refreshSession(context, refresh),
    ]);
    assert.equal(one.refresh, two.refresh);
    nowMs += GRACE_MS;
    const again = await refreshSession(context, refresh);
    assert.ok(await refreshSession(context, again.refresh));
    // Two generations back there is no grace.
    await assert.rejects(refreshSession(context, refresh), invalid);
  });

  test('a token that was replaced is refused everywhere; ending one ends its session', async () => {
    const first = await signIn();
    const second = await refreshSession(context, first.refresh);
    await assert.rejects(verifyToken(context, first.refresh), invalid);
    await verifyToken(context, second.refresh);
    assert.ok(await refreshAccess(context, second.refresh), 'the original API does not rotate');
    await blacklistToken(context, first.refresh);
    await assert.rejects(refreshSession(context, second.refresh), invalid);
    nowMs += GRACE_MS + 1;
    const third = await signIn();
    const fourth = await refreshSession(context, third.refresh);
    nowMs += GRACE_MS + 1;
    await assert.rejects(refreshAccess(context, third.refresh), invalid);
    await assert.rejects(refreshSession(context, fourth.refresh), invalid);
  });
});
