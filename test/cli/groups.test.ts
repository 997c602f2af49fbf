/** The commands for groups, on a database that a server has open as well. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { type CommandOutcome, newUser, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
  await newUser(server.url, 'ada');
  await newUser(server.url, 'grace');
});
after(() => server.stop());

function groups(...args: string[]): Promise<CommandOutcome> {
  return runCommand(server.folder, ['groups', ...args]);
}

async function listed(): Promise<unknown[]> {
  const lines = assertDone(await groups('list', '--json'))
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const { id: _, ...group } = JSON.parse(line);
    return group;
  });
}

test('a group is created, filled, granted tokens and ended at the command line', async () => {
  assert.match(assertDone(await groups('create', 'Class 7b')), /^The group "Class 7b" was created/);
  assertFailed(await groups('create', 'class 7B'), 1, /Another group has this name/);
  const added = await groups('add', 'Class 7b', 'ada', 'grace', '--manager');
  assert.equal(assertDone(added), 'Added to "Class 7b": 2 of 2 users.\n');
  const unknown = await groups('add', 'Class 7b', 'nobody');
  assertFailed(unknown, 1, /there is no user "nobody"/);
  const grant = ['grant', 'Class 7b', '500', '--reason', 'a term', '--idempotency-key', 'k'];
  assert.equal(
    assertDone(await groups(...grant)),
    '"Class 7b" was granted 500 tokens and has 500.\n',
  );
  assert.match(assertDone(await groups(...grant)), /was granted before: 500 tokens and has 500/);
  const taken = await groups('grant', 'Class 7b', '--reason', 'x', '--', '-501');
  assertFailed(taken, 1, /Only 500 tokens can be taken/);
  assert.deepEqual(await listed(), [
    { name: 'Class 7b', members: 2, tokens: 500, held: 0, models: null },
  ]);
  const removed = await groups('remove', 'Class 7b', 'grace');
  assert.equal(assertDone(removed), 'Removed from "Class 7b": 1 of 1 user.\n');
  assert.match(
    assertDone(await groups('list')),
    /^id +name +members +tokens +models\n.*Class 7b +1 /,
  );
  const model = await groups('create', 'Other', '--without-pool', '--model', 'no-such');
  assertFailed(model, 1, /There is no model "no-such"/);
  assertDone(await groups('create', 'Other', '--without-pool'));
  const poolless = await groups('grant', 'Other', '5', '--reason', 'x');
  assertFailed(poolless, 1, /This group has no pool/);
  assertDone(await groups('end', 'Class 7b'));
  assertFailed(await groups('end', 'Class 7b'), 1, /no group named "Class 7b"/);
  assert.match(assertDone(await groups('list', '--ended')), /Class 7b/);
});
