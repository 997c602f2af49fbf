/** `chit ledger explain`: why a balance and a charge are what they are. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { newId } from '../../src/app/ids.ts';
import { textPrice } from '../../src/core/pricing.ts';
import { createAccount, openTestChit } from '../support/chit.ts';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { holdOf, settleOf } from '../support/ledger-commands.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { newFolder } from '../support/server.ts';

const folder = newFolder();
const path = join(folder, 'data/chit.db');
const price = textPrice({ perMessage: 3, perMillionInput: 10_000, perMillionOutput: 40_000 });
const charged = newId();
const short = newId();
const running = newId();
before(async () => {
  const chit = await openTestChit(`sqlite:${path}`, scriptedModel(price));
  const { context } = chit;
  const flags = { isStaff: false, isSuperuser: false };
  const accountId = await createAccount(context, {
    username: 'ada',
    password: 'Pa55word!x',
    ...flags,
  });
  const usage = { counts: { input: 1_234, output: 567 } };
  for (const [id, most] of [
    [charged, 500],
    [short, 30],
  ] as const) {
    const { outcome } = await context.ledger.submit({ ...holdOf(id, most, accountId), price });
    assert.equal(outcome, 'held');
    const settle = { ...settleOf(id, 39, accountId), usage, usageSource: 'provider' } as const;
    await context.ledger.submit(settle);
  }
  await context.leases.take('lease', 3_600_000);
  await context.ledger.submit({ ...holdOf(running, 77, accountId), price, atMs: Date.now() });
  await chit.close();
});
after(() => rmSync(folder, { recursive: true }));

const explain = (...args: string[]) => runCommand(folder, ['ledger', 'explain', ...args]);

test('a balance is the sum of its transfers, and what running replies hold is named', async () => {
  const text = assertDone(await explain('ada'));
  assert.match(text, /^ada has 3931 tokens\. Running replies hold 77; free: 3854\.$/m);
  assert.match(text, /^The balance is the sum of 3 transfers$/m);
  assert.match(text, /^charge +2 +-69$/m);
  assert.match(text, /^sum +3 +3931$/m);
  assert.match(text, new RegExp(`^\\S+Z +dummy +77 +${running}$`, 'm'));
  assert.match(text, /each charge from its usage and its price/);
});

test('a charge is computed line by line, with what was held and what was not charged', async () => {
  const text = assertDone(await explain('ada', '--charge', charged));
  assert.match(text, /^message +1 +3 per 1 +3$/m);
  assert.match(text, /^input +1234 +10000 per 1000000 +12\.34$/m);
  assert.match(text, /^output +567 +40000 per 1000000 +22\.68$/m);
  assert.match(text, /^Rounded up once, that is 39\.$/m);
  assert.match(text, /^Charged: 39\. The balance was 3961 then\.$/m);
  assert.match(text, /what the provider reported/);
  const cut = assertDone(await explain('ada', '--charge', short));
  assert.match(cut, /^At most 30 had been set aside before\.$/m);
  assert.match(cut, /^It cost 9 more than that, which was not charged\.$/m);
  assert.match(cut, /^Charged: 30\./m);
});

test('who or what is not there is told', async () => {
  assertFailed(await explain('nobody'), 1, /^There is no user named "nobody"\.\n$/);
  assertFailed(await explain('ada', '--charge', 'x'), 1, /^ada has no transfer x\.\n$/);
});

test('a ledger that was changed from outside does not add up, and the exit code says so', async () => {
  const db = new DatabaseSync(path);
  const triggers = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER "${name}"`);
  db.prepare('UPDATE transfers SET credits = credits + 5 WHERE id = ?').run(charged);
  db.close();
  const { code, stderr } = await explain('ada');
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(`^Transfer ${charged} says that the balance was 3961 then, but it`),
  );
  assert.match(stderr, /booked 34 of 34, but its usage costs 39\.$/m);
  assert.match(stderr, /^The balance is 3931, but its transfers come to 3936\.$/m);
});
