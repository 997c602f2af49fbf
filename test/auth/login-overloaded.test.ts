/** What a log-in under overload leaves behind. A file of its own: the hash is made only once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIn } from '../../src/app/accounts/log-in.ts';
import { hashPassword } from '../../src/auth/passwords.ts';
import { hasCode } from '../../src/core/errors.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { openTestChit } from '../support/chit.ts';
import { scriptedModel } from '../support/scripted-model.ts';

test('an unknown name is refused as ever once the queue is short again', async () => {
  const chit = await openTestChit('sqlite::memory:', scriptedModel(flatPrice(100)));
  const who = { username: 'nobody', password: 'wrong', address: '192.0.2.1' };
  const enter = Promise.withResolvers<void>();
  const flood = Array.from({ length: 1_100 }, (_, nth) => {
    const source = { key: `${nth % 20}`, isKnown: true, admit: () => enter.promise };
    return hashPassword('a password', source).catch(() => undefined);
  });
  await assert.rejects(logIn(chit.context, who), (error) => hasCode(error, 'overloaded'));
  enter.reject(new Error('not now'));
  await Promise.all(flood);
  await assert.rejects(logIn(chit.context, who), (error) => hasCode(error, 'invalid_credentials'));
  await chit.close();
});
