/** Which commands go together in a batch, what waits for what, and how long callers wait. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../../src/core/errors.ts';
import type { AccountId, Command, DistributeCommand, Result } from '../../src/core/ledger.ts';
import { type LedgerEngine, OutcomeUnknown, RowsLocked } from '../../src/ledger/engine.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { holdOf, openOf } from '../support/ledger-commands.ts';

/** An engine whose batches end when the test says so. */
class HeldEngine implements LedgerEngine {
  readonly batchesAtOnce: number;
  readonly batches: { ids: string[]; lockWait: string | undefined }[] = [];
  readonly #ends: PromiseWithResolvers<void>[] = [];
  locked: AccountId[] = [];

  constructor(batchesAtOnce: number) {
    this.batchesAtOnce = batchesAtOnce;
  }

  async apply(commands: readonly Command[], lockWait?: string): Promise<Result[]> {
    const end = Promise.withResolvers<void>();
    this.#ends.push(end);
    this.batches.push({ ids: commands.map(idOf), lockWait });
    await end.promise;
    return commands.map(() => ({ outcome: 'held', heldCredits: 1 }));
  }

  async account() {
    return undefined;
  }

  async lockedAmong(ids: readonly AccountId[]): Promise<AccountId[]> {
    return ids.filter((id) => this.locked.includes(id));
  }

  get ids(): string[][] {
    return this.batches.map(({ ids }) => ids);
  }

  end(batch: number, error?: Error): void {
    if (error) this.#ends[batch]?.reject(error);
    else this.#ends[batch]?.resolve();
  }

  async untilBatches(count: number): Promise<void> {
    const startedMs = performance.now();
    while (this.batches.length < count) {
      assert.ok(performance.now() - startedMs < 30_000, `only ${this.batches.length} batches`);
      await sleep(5);
    }
  }
}

function idOf(command: Command): string {
  if (command.kind === 'distribute') return 'distribution';
  return 'generationId' in command ? command.generationId : command.kind;
}

function distributionTo(...accountIds: AccountId[]): DistributeCommand {
  return {
    kind: 'distribute',
    entries: accountIds.map((accountId) => ({
      transferId: `t${accountId}`,
      accountId,
      credits: 1,
    })),
    actor: 'test',
    reason: 'because',
    idempotency: undefined,
    atMs: 1,
  };
}

async function outcomeUnknownOf(sent: Promise<unknown>): Promise<boolean | undefined> {
  const [result] = await Promise.allSettled([sent]);
  if (result?.status !== 'rejected') return undefined;
  assert.ok(hasCode(result.reason, 'ledger_unavailable'));
  return result.reason.details.isOutcomeUnknown;
}

test('beside a slow batch others begin, but none with an account of it', async () => {
  const engine = new HeldEngine(3);
  const ledger = new Ledger(engine);
  const sent: Promise<unknown>[] = [];
  sent.push(ledger.submit(holdOf('a1', 1, 1)), ledger.submit(holdOf('b1', 1, 2)));
  await engine.untilBatches(1);
  sent.push(ledger.submit(holdOf('a2', 1, 1)), ledger.submit(holdOf('c1', 1, 3)));
  await engine.untilBatches(2);
  sent.push(ledger.submit(holdOf('a3', 1, 1)), ledger.submit(holdOf('c2', 1, 3)));
  sent.push(ledger.submit(openOf(4, 1)));
  await engine.untilBatches(3);
  sent.push(ledger.submit(holdOf('d1', 1, 5)), ledger.submit(openOf(6, 1)));
  await sleep(80);
  assert.deepEqual(engine.ids, [['a1', 'b1'], ['c1'], ['open']], 'three at once');
  engine.end(1);
  await engine.untilBatches(4);
  assert.deepEqual(engine.ids[3], ['c2', 'd1'], 'sign-ups are not in two batches at once');
  for (const batch of [0, 2, 3]) engine.end(batch);
  await engine.untilBatches(5);
  assert.deepEqual(engine.ids[4], ['open', 'a2', 'a3'], 'an account keeps its order');
  engine.end(4);
  await Promise.all(sent);
  await ledger.close();
});

test('an engine with one connection gets one batch at a time', async () => {
  const engine = new HeldEngine(1);
  const ledger = new Ledger(engine);
  const sent = [ledger.submit(holdOf('a', 1, 1))];
  await engine.untilBatches(1);
  sent.push(ledger.submit(holdOf('b', 1, 2)), ledger.submit(holdOf('c', 1, 3)));
  await sleep(80);
  assert.equal(engine.batches.length, 1);
  engine.end(0);
  await engine.untilBatches(2);
  engine.end(1);
  await Promise.all(sent);
  assert.deepEqual(engine.ids, [['a'], ['b', 'c']]);
  await ledger.close();
});

test('a distribution that waits for one account keeps its place for the others', async () => {
  const engine = new HeldEngine(4);
  const ledger = new Ledger(engine);
  const sent: Promise<unknown>[] = [ledger.submit(holdOf('a1', 1, 1))];
  await engine.untilBatches(1);
  sent.push(ledger.submit(distributionTo(1, 2)), ledger.submit(holdOf('b1', 1, 2)));
  sent.push(ledger.submit(holdOf('c1', 1, 3)));
  await engine.untilBatches(2);
  assert.deepEqual(engine.ids[1], ['c1']);
  engine.end(0);
  await engine.untilBatches(3);
  assert.deepEqual(engine.ids[2], ['distribution', 'b1']);
  for (const batch of [1, 2]) engine.end(batch);
  await Promise.all(sent);
  await ledger.close();
});

test('commands of a locked account wait alone and are refused in time, the others booked', async () => {
  const engine = new HeldEngine(4);
  engine.locked = [1];
  const ledger = new Ledger(engine, { answerMs: 600 });
  const locked = outcomeUnknownOf(ledger.submit(holdOf('a1', 1, 1)));
  const free = ledger.submit(holdOf('b1', 1, 2));
  await engine.untilBatches(1);
  engine.end(0, new RowsLocked());
  await engine.untilBatches(2);
  assert.deepEqual(engine.batches[1], { ids: ['b1'], lockWait: 'briefly' });
  engine.end(1);
  await free;
  const second = outcomeUnknownOf(ledger.submit(holdOf('a2', 1, 1)));
  const other = ledger.submit(holdOf('b2', 1, 2));
  await engine.untilBatches(3);
  assert.deepEqual(engine.ids[2], ['b2'], 'nobody waits for the lock again');
  engine.end(2);
  await other;
  assert.deepEqual(await Promise.all([locked, second]), [false, false], 'known: not booked');
  const third = outcomeUnknownOf(ledger.submit(holdOf('a3', 1, 1)));
  engine.locked = [];
  await engine.untilBatches(4);
  assert.deepEqual(engine.ids[3], ['a3'], 'the lock has gone');
  engine.end(3);
  assert.equal(await third, undefined);
  await ledger.close();
});

test('if it is unknown what is locked, the batch is split until it is alone', async () => {
  const engine = new HeldEngine(4);
  const ledger = new Ledger(engine);
  const sent = [1, 2, 3, 4].map((id) => outcomeUnknownOf(ledger.submit(holdOf(`${id}`, 1, id))));
  await engine.untilBatches(1);
  for (let batch = 0; ; batch += 1) {
    await engine.untilBatches(batch + 1);
    const ids = engine.ids[batch] ?? [];
    engine.end(batch, ids.includes('2') ? new RowsLocked() : undefined);
    if (ids.includes('4') && ids.length <= 2) break;
  }
  assert.deepEqual(await Promise.all(sent), [undefined, false, undefined, undefined]);
  assert.deepEqual(engine.ids, [['1', '2', '3', '4'], ['1', '2'], ['1'], ['2'], ['3', '4']]);
  await ledger.close();
});

test('a caller waits only so long; what was sent is unknown, what was not is not', async () => {
  const engine = new HeldEngine(1);
  const ledger = new Ledger(engine, { answerMs: 4_000 });
  const startedMs = performance.now();
  const sent = outcomeUnknownOf(ledger.submit(holdOf('sent', 1, 1)));
  await engine.untilBatches(1);
  const waiting = outcomeUnknownOf(ledger.submit(holdOf('waiting', 1, 2)));
  const check = outcomeUnknownOf(ledger.check());
  assert.deepEqual(await Promise.all([sent, waiting, check]), [true, false, false]);
  assert.ok(performance.now() - startedMs < 20_000);
  engine.end(0);
  const next = ledger.submit(holdOf('next', 1, 3));
  await engine.untilBatches(2);
  engine.end(1);
  await next;
  assert.deepEqual(engine.ids, [['sent'], ['next']], 'what was refused is not sent later');
  await ledger.close();
});

test('a check is an empty batch, and fails with it', async () => {
  const engine = new HeldEngine(1);
  const ledger = new Ledger(engine);
  const checks = [ledger.check(), ledger.check()];
  await engine.untilBatches(1);
  assert.deepEqual(engine.ids, [[]]);
  engine.end(0);
  await Promise.all(checks);
  const failed = outcomeUnknownOf(ledger.check());
  await engine.untilBatches(2);
  engine.end(1, new OutcomeUnknown());
  assert.equal(await failed, true);
  await ledger.close();
});
