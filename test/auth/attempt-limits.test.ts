/** Guessing is slowed from wherever it comes, and locks nobody out of a device of their own. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Attempter, LoginLimit, SignupLimit } from '../../src/auth/attempt-limits.ts';
import { FairQueue } from '../../src/auth/fair-queue.ts';
import { KnownDevices } from '../../src/auth/known-devices.ts';
import type { HashSource } from '../../src/auth/passwords.ts';
import { hasCode } from '../../src/core/errors.ts';
import { AttemptStore } from '../../src/store/accounts/attempts.ts';
import type { OpenDatabase } from '../../src/store/database/dialect.ts';
import { emptyDatabase, onEachDatabase, openMigrated } from '../support/databases.ts';

const MINUTE_MS = 60_000;
const RIGHT = 'right';

onEachDatabase((at) => {
  let database: OpenDatabase;
  let other: OpenDatabase;
  let nowMs = 1_000_000_000_000;
  /** Two servers on one database. */
  let servers: { limit: LoginLimit; queue: FairQueue; store: AttemptStore }[];
  let checked = 0;

  before(async () => {
    database = await openMigrated(at.url);
    // A SQLite database has one server, and two connections in one process would block each other.
    other = at.name === 'SQLite' ? database : await openMigrated(at.url);
    servers = [database, other].map(({ kysely }) => {
      const store = new AttemptStore(kysely, () => nowMs);
      return { store, limit: new LoginLimit(store), queue: new FairQueue(2) };
    });
  });
  after(() => Promise.all([...new Set([database, other])].map((it) => it.close())));
  beforeEach(async () => {
    await emptyDatabase(database);
    checked = 0;
  });

  /** Tries a password as `verifyPassword` does; whether it was right, or why it was refused. */
  async function attempt(who: Attempter, password: string, server = 0): Promise<boolean | number> {
    const { limit, queue } = servers[server] as (typeof servers)[number];
    const check = (source: HashSource) =>
      queue.run(source, async () => {
        await source.admit?.();
        checked += 1;
        await new Promise((resolve) => setImmediate(resolve));
        return password === RIGHT ? true : undefined;
      });
    try {
      return (await limit.attempt(who, check)) ?? false;
    } catch (error) {
      assert.ok(hasCode(error, 'throttled'), String(error));
      return error.details.retryAfterSeconds;
    }
  }

  const from = (username: string, address = '192.0.2.1'): Attempter => ({ username, address });

  async function each(many: Attempter[], password = 'wrong'): Promise<(boolean | number)[]> {
    const results: (boolean | number)[] = [];
    for (const who of many) results.push(await attempt(who, password));
    return results;
  }

  test('one password over 120 names from one address is refused after 60', async () => {
    const results = await each(Array.from({ length: 120 }, (_, nth) => from(`user ${nth}`)));
    assert.equal(results.filter((it) => it === false).length, 60);
    assert.equal(results.at(-1), 15 * 60);
    assert.equal(checked, 60);
  });

  test('so it is from 120 addresses of one IPv6 network, also at once', async () => {
    const many = Array.from({ length: 120 }, (_, nth) =>
      from(`user ${nth}`, `2001:db8:1:2::${nth.toString(16)}`),
    );
    await Promise.all(many.map((who) => attempt(who, 'wrong')));
    assert.equal(checked, 60);
  });

  test('120 guesses at one name from 12 addresses are refused after 50', async () => {
    const addresses = Array.from({ length: 120 }, (_, nth) => `192.0.2.${nth % 12}`);
    const results = await each(addresses.map((address) => from('ada', address)));
    assert.equal(results.filter((it) => it === false).length, 50);
    assert.equal(checked, 50);
  });

  test('servers share the counts: of 50 guesses at once on two exactly ten are checked', async () => {
    const guesses = Array.from({ length: 50 }, (_, nth) => attempt(from('ada'), 'wrong', nth % 2));
    const results = await Promise.all(guesses);
    assert.equal(results.filter((it) => it === false).length, 10);
    assert.equal(checked, 10);
    assert.equal(typeof (await attempt(from('ada'), RIGHT, 1)), 'number');
  });

  test('right passwords use nothing up, and what failed is forgotten after a while', async () => {
    await each(Array.from({ length: 9 }, () => from('ada')));
    const right = Array.from({ length: 40 }, () => attempt(from('ada'), RIGHT));
    assert.deepEqual([...new Set(await Promise.all(right))], [true]);
    assert.equal(await attempt(from('ada'), 'wrong'), false);
    assert.equal(await attempt(from('ada'), RIGHT), 15 * 60);
    nowMs += 10 * MINUTE_MS;
    assert.equal(await attempt(from('ada'), RIGHT), 5 * 60, 'refused ones do not prolong it');
    nowMs += 5 * MINUTE_MS;
    assert.equal(await attempt(from('ada'), RIGHT), true);
  });

  test('guesses of others do not lock out a device that the user has signed in with', async () => {
    await each(Array.from({ length: 10 }, () => from('ada')));
    assert.equal(typeof (await attempt(from('ada'), RIGHT)), 'number');
    const device = '1.mark';
    assert.equal(await attempt({ ...from('ada'), device }, RIGHT), true);
    // Who has stolen the mark has ten guesses as well.
    await each(Array.from({ length: 10 }, () => ({ ...from('ada'), device })));
    assert.equal(typeof (await attempt({ ...from('ada'), device }, RIGHT)), 'number');
    assert.equal(await attempt({ ...from('ada'), device: '1.another' }, RIGHT), true);
  });

  test('an address that the user has signed in from is not bound by the limit per name', async () => {
    assert.equal(await attempt(from('ada', '198.51.100.1'), RIGHT), true);
    const addresses = Array.from({ length: 50 }, (_, nth) => `192.0.2.${nth % 12}`);
    await each(addresses.map((address) => from('ada', address)));
    assert.equal(typeof (await attempt(from('ada', '198.51.100.2'), RIGHT)), 'number');
    assert.equal(await attempt(from('ada', '198.51.100.1'), RIGHT), true);
    // Who is signed in already changes the password all the same.
    const signedIn = { ...from('ada', '198.51.100.2'), isSignedIn: true };
    assert.equal(await attempt(signedIn, RIGHT), true);
  });

  test('a clock that was wrong locks nobody out for longer than a window', async () => {
    nowMs += 24 * 60 * MINUTE_MS;
    await each(Array.from({ length: 10 }, () => from('ada')));
    nowMs -= 24 * 60 * MINUTE_MS;
    assert.equal(await attempt(from('ada'), RIGHT), true);
  });

  test('what is over is swept, what is not stays', async () => {
    await attempt(from('ada'), 'wrong');
    assert.equal(await attempt(from('bob'), RIGHT), true);
    nowMs += 16 * MINUTE_MS;
    await servers[0]?.store.sweep();
    const left = await database.kysely.selectFrom('attempts').select('key').execute();
    assert.equal(left.length, 1);
    assert.match(left[0]?.key ?? '', /^known:/);
    assert.doesNotMatch(left[0]?.key ?? '', /bob/);
  });

  test('sign-ups are counted for all servers together, by IPv6 network', async () => {
    const limits = servers.map(({ store }) => new SignupLimit(store, 3));
    for (const nth of [0, 1, 2]) await limits[nth % 2]?.count(`2001:db8::${nth}`);
    for (const limit of limits) {
      await assert.rejects(limit.count('2001:db8::9'), { code: 'throttled' });
      await limit.count('2001:db8:0:1::9');
    }
  });
});

test('a mark is of one user and one installation, and cannot be made up', () => {
  const devices = new KnownDevices('a secret key');
  const marks = devices.after('', 1);
  const id = devices.idIn(marks, 1);
  assert.match(id ?? '', /^1\.[\w-]{16}$/);
  assert.equal(devices.after(marks, 1), marks, 'the mark stays, with its count');
  assert.equal(devices.idIn(marks, 2), undefined);
  assert.equal(devices.idIn(marks.replace(/^1/, '2'), 2), undefined);
  assert.equal(new KnownDevices('another key').idIn(marks, 1), undefined);
  for (const forged of [
    '1',
    '1.',
    '1..',
    '1.a.',
    '1.a.b',
    `${id}.`,
    `${marks}a`,
    '~~',
    'x~1.a.b',
  ]) {
    assert.equal(devices.idIn(forged, 1), undefined, forged);
  }
  let shared = marks;
  for (const user of [2, 3, 4, 5]) shared = devices.after(shared, user);
  assert.equal(devices.idIn(shared, 1), id, 'five users share a browser');
  assert.equal(devices.idIn(devices.after(shared, 6), 1), undefined);
});
