/** People who come in at once by a provider, each twice, on two servers of one PostgreSQL. */
import assert from 'node:assert/strict';
import { faultsOf } from './chit.ts';
import { databaseKind } from './databases.ts';
import { FakeIdentityProvider } from './fake-identity-provider.ts';
import { openProviderChit, signInAs } from './provider-chit.ts';

/** Signs them in, and requires that each has one account with one opening balance. */
export async function comeInAtOnce(people: number): Promise<void> {
  const databases = await databaseKind('PostgreSQL');
  const url = await databases.newUrl();
  const provider = await FakeIdentityProvider.make();
  const first = await openProviderChit(url, provider);
  const second = await openProviderChit(url, provider);
  const comeIn = (context: typeof first.context, person: number) =>
    signInAs(context, provider, {
      sub: `person-${person}`,
      // Every tenth has the name of another one.
      claims: { preferred_username: `pupil ${person - (person % 10 === 9 ? 1 : 0)}` },
    });
  const came = await Promise.all(
    Array.from({ length: people }, (_, person) =>
      Promise.all([comeIn(first.context, person), comeIn(second.context, person)]),
    ),
  );
  for (const [one, other] of came) assert.equal(one.userId, other.userId);
  const ids = new Set(came.map(([{ userId }]) => userId));
  assert.equal(ids.size, people);
  const { policy, users } = first.context;
  const found = await users.list({ afterId: 0, limit: people + 1 });
  assert.equal(found.length, people);
  for (const { id, availableCredits } of found) {
    assert.ok(ids.has(id));
    assert.equal(availableCredits, policy.signupCredits);
  }
  assert.deepEqual(await faultsOf(first.chit), []);
  await first.chit.close();
  await second.chit.close();
  await databases.stop();
}
