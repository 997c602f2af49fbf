/** A lease that cannot be renewed is lost in time, also while a renewal gets no answer. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { GenerationRegistry } from '../../../src/app/metering/generation-registry.ts';
import { Lease } from '../../../src/app/metering/lease.ts';

/** Renews a lease once, and never again. */
async function lostLease(forMs: number): Promise<void> {
  const generations = new GenerationRegistry();
  const { signal } = generations.start({
    id: 'reply',
    accountId: 1,
    payerId: undefined,
    apiKeyId: undefined,
  });
  const lease = new Lease(forMs, {
    generations,
    leases: { take: async () => undefined },
  } as unknown as ConstructorParameters<typeof Lease>[1]);
  await lease.renew();
  // Nothing else is to do, and the timer of the lease does not keep the process alive.
  const waiting = setTimeout(() => undefined, 60_000);
  await once(signal, 'abort');
  clearTimeout(waiting);
  assert.equal(signal.reason, 'server_lost');
}

test('what is generated is stopped once the lease is lost', { timeout: 60_000 }, async () => {
  // Timers of Node have whole milliseconds, the monotonic clock has fractions.
  const leases = Array.from({ length: 30 }, (_, nth) => lostLease(20 + nth * 1.37));
  await Promise.all(leases);
});
