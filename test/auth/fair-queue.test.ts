/** The queue before the hashing of passwords: nobody waits for the flood of somebody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressGroup } from '../../src/auth/address-group.ts';
import { FairQueue, OWN_SOURCE } from '../../src/auth/fair-queue.ts';
import { hasCode } from '../../src/core/errors.ts';

const from = (key: string, isKnown = false) => ({ key, isKnown });

/** A queue in which a task is running until it is released. */
function occupied(): { queue: FairQueue; release: () => void; first: Promise<void> } {
  const queue = new FairQueue(1);
  let release = (): void => undefined;
  const first = queue.run(from('first'), () => new Promise<void>((resolve) => (release = resolve)));
  return { queue, release, first };
}

test('it lets so many in at once, those of one source in their order', async () => {
  const queue = new FairQueue(2);
  let inside = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all(
    [1, 2, 3, 4, 5, 6].map((number) =>
      queue.run(OWN_SOURCE, async () => {
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
  const queue = new FairQueue(1);
  const failed = queue.run(OWN_SOURCE, () => Promise.reject(new Error('this one fails')));
  const next = queue.run(OWN_SOURCE, async () => 'the next one ran');
  await assert.rejects(failed, /this one fails/);
  assert.equal(await next, 'the next one ran');
  assert.equal(await queue.run(OWN_SOURCE, async () => 'and a later one'), 'and a later one');
});

test('a flood from one address makes others wait for one task of it, not for all', async () => {
  const { queue, release, first } = occupied();
  const order: string[] = [];
  const run = (name: string, source: ReturnType<typeof from>) =>
    queue.run(source, async () => void order.push(name));
  const flood = Array.from({ length: 50 }, (_, nth) => run(`flood ${nth}`, from('flooder')));
  const others = [run('ada', from('ada')), run('bob', from('bob')), run('ada 2', from('ada'))];
  const known = run('known', from('known', true));
  release();
  await Promise.all([first, ...flood, ...others, known]);
  assert.deepEqual(order.slice(0, 6), ['known', 'flood 0', 'ada', 'bob', 'flood 1', 'ada 2']);
  assert.equal(order.length, 54);
});

test('an address with a hundred tasks waiting gets no more in, others do', async () => {
  const { queue, release, first } = occupied();
  const run = (key: string) => queue.run(from(key), async () => key);
  const waiting = Array.from({ length: 100 }, () => run('flooder'));
  await assert.rejects(run('flooder'), (error) => hasCode(error, 'throttled'));
  const other = run('ada');
  release();
  assert.equal(await other, 'ada');
  await Promise.all([first, ...waiting]);
  assert.equal(await run('flooder'), 'flooder');
});

test('a thousand tasks of strangers fill the queue, and still not for who was here', async () => {
  const { queue, release, first } = occupied();
  const run = (key: string, isKnown: boolean) => queue.run(from(key, isKnown), async () => key);
  const waiting = Array.from({ length: 1_000 }, (_, nth) => run(`${nth % 20}`, false));
  await assert.rejects(run('one more', false), (error) => hasCode(error, 'overloaded'));
  const known = run('known', true);
  release();
  assert.equal(await known, 'known');
  await Promise.all([first, ...waiting]);
});

test('those who were here before have three turns of four, so that nobody waits for ever', async () => {
  const { queue, release, first } = occupied();
  const order: string[] = [];
  const run = (name: string, source: ReturnType<typeof from>) =>
    queue.run(source, async () => void order.push(name));
  const known = ['k1', 'k2', 'k3', 'k4', 'k5'].map((name) => run(name, from('known', true)));
  const others = ['o1', 'o2', 'o3'].map((name) => run(name, from(name)));
  release();
  await Promise.all([first, ...known, ...others]);
  assert.deepEqual(order, ['k1', 'k2', 'k3', 'o1', 'k4', 'k5', 'o2', 'o3']);
});

test('an address is IPv4, or the first 64 bits of IPv6, however it is written', () => {
  for (const [address, group] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['0:0:0:0:0:ffff:c000:207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['unknown', 'unknown'],
  ] as const) {
    assert.equal(addressGroup(address), group, address);
  }
});
