/** Passwords and their hashes, and the gate before the hashing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, unmatchableHash, verifyPassword } from '../../src/auth/passwords.ts';
import { Semaphore } from '../../src/auth/semaphore.ts';
import { hasCode } from '../../src/core/errors.ts';

const PASSWORD = 'Über-geheim 🔑';

test('a hash is argon2id with OWASP’s parameters, and another one each time', async () => {
  const [one, two] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)]);
  for (const hash of [one, two]) {
    assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    assert.ok(await verifyPassword(PASSWORD, hash));
  }
  assert.notEqual(one, two);
});

test('a password is what was typed, to the last space and accent', async () => {
  const hash = await hashPassword(PASSWORD);
  for (const other of [
    '',
    ` ${PASSWORD}`,
    `${PASSWORD} `,
    PASSWORD.toLowerCase(),
    PASSWORD.normalize('NFD'),
    `${PASSWORD}\0`,
    PASSWORD.slice(0, -1),
  ]) {
    assert.equal(await verifyPassword(other, hash), false, JSON.stringify(other));
  }
});

test('what is no hash of ours matches no password', async () => {
  for (const stored of [
    '',
    '!',
    PASSWORD,
    'pbkdf2_sha256$600000$salt$hash=',
    '$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA',
    '$argon2id$v=19$m=19456,t=2,p=1$$',
  ]) {
    for (const password of ['', PASSWORD, stored]) {
      assert.equal(await verifyPassword(password, stored), false, stored);
    }
  }
  assert.equal(await verifyPassword(PASSWORD, await unmatchableHash()), false);
});

test('the gate lets so many in at once, the others in their order', async () => {
  const gate = new Semaphore(2);
  let inside = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all(
    [1, 2, 3, 4, 5, 6].map((number) =>
      gate.run(async () => {
        order.push(number);
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
      }),
    ),
  );
  assert.equal(most, 2);
  assert.deepEqual(order, [1, 2, 3, 4, 5, 6]);
});

test('a task that fails gives its place to the next', async () => {
  const gate = new Semaphore(1);
  const failed = gate.run(() => Promise.reject(new Error('this one fails')));
  const next = gate.run(async () => 'the next one ran');
  await assert.rejects(failed, /this one fails/);
  assert.equal(await next, 'the next one ran');
  assert.equal(await gate.run(async () => 'and a later one'), 'and a later one');
});

test('a full queue refuses more tasks', async () => {
  const gate = new Semaphore(1);
  let release = (): void => undefined;
  const first = gate.run(() => new Promise<void>((resolve) => (release = resolve)));
  const waiting = Array.from({ length: 1_000 }, () => gate.run(async () => undefined));
  await assert.rejects(
    gate.run(async () => assert.fail('it was let in')),
    (error) => hasCode(error, 'overloaded'),
  );
  release();
  await Promise.all([first, ...waiting]);
  await gate.run(async () => undefined);
});
