/** Long reads take turns: nobody can make others wait by asking for many. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeavyReads } from '../../../src/app/operations/heavy-reads.ts';
import { hasCode } from '../../../src/core/errors.ts';

/** Reads that end when they are told to; notes who began, in order. */
class Scene {
  readonly began: string[] = [];
  readonly #ends: (() => void)[] = [];

  read(name: string): () => Promise<string> {
    return () => {
      this.began.push(name);
      return new Promise((resolve) => this.#ends.push(() => resolve(name)));
    };
  }

  /** Ends the read that began first, and lets others begin. */
  async endOne(): Promise<void> {
    await new Promise(setImmediate);
    this.#ends.shift()?.();
    await new Promise(setImmediate);
  }
}

test('readers take turns, however many reads one of them asks for', async () => {
  const reads = new HeavyReads({ atOnce: 1 });
  const scene = new Scene();
  const all = ['a1', 'a2', 'a3', 'b1', 'c1', 'c2'].map((name) =>
    reads.run(name.charAt(0), scene.read(name)),
  );
  for (let n = 0; n < all.length; n += 1) await scene.endOne();
  assert.deepEqual(scene.began, ['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  assert.deepEqual(await Promise.all(all), ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']);
});

test('where several run at once, one reader has one of them', async () => {
  const reads = new HeavyReads({ atOnce: 3 });
  const scene = new Scene();
  const all = ['a1', 'a2', 'b1'].map((name) => reads.run(name.charAt(0), scene.read(name)));
  await new Promise(setImmediate);
  assert.deepEqual(scene.began, ['a1', 'b1']);
  await scene.endOne();
  assert.deepEqual(scene.began, ['a1', 'b1', 'a2']);
  await scene.endOne();
  await scene.endOne();
  await Promise.all(all);
});

test('beyond a number of waiting reads a reader is refused, and others are not', async () => {
  const reads = new HeavyReads({ atOnce: 1, waitingEach: 2 });
  const scene = new Scene();
  const all = ['a1', 'a2', 'a3'].map((name) => reads.run('a', scene.read(name)));
  await assert.rejects(reads.run('a', scene.read('a4')), (error) =>
    hasCode(error, 'too_many_reads'),
  );
  all.push(reads.run('b', scene.read('b1')));
  for (let n = 0; n < all.length; n += 1) await scene.endOne();
  await Promise.all(all);
  assert.deepEqual(scene.began, ['a1', 'b1', 'a2', 'a3']);
});

test('no more than a number of reads wait, and none for longer than it may', async () => {
  const reads = new HeavyReads({ atOnce: 1, waiting: 1, waitMs: 20 });
  const scene = new Scene();
  const first = reads.run('a', scene.read('a1'));
  const waiting = reads.run('b', scene.read('b1'));
  const isBusy = (error: unknown) => hasCode(error, 'reads_busy');
  await assert.rejects(reads.run('c', scene.read('c1')), isBusy);
  await assert.rejects(waiting, isBusy);
  await scene.endOne();
  assert.equal(await first, 'a1');
  assert.deepEqual(scene.began, ['a1']);
});

test('a read that fails lets the next one begin', async () => {
  const reads = new HeavyReads({ atOnce: 1 });
  const failing = () => {
    throw new Error('at once');
  };
  const first = reads.run('a', failing);
  const second = reads.run('a', async () => 'done');
  await assert.rejects(first, /at once/);
  assert.equal(await second, 'done');
});
