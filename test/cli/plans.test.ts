/** `chit plans`: list, create, give, take and end. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { query } from '../support/database.ts';
import { newUser } from '../support/server.ts';
import { type ServerHere, startServerHere } from '../support/server-here.ts';

let server: ServerHere;
before(async () => {
  server = await startServerHere({ CHIT_SIGNUP_TOKENS: '10' });
  await newUser(server.url, 'ada');
});
after(() => server.stop());

const chit = (...args: string[]) => runCommand(server.folder, args);

async function tokensOfAda(): Promise<number> {
  const shown = assertDone(await chit('users', 'show', 'ada', '--json'));
  return (JSON.parse(shown) as { tokens: number }).tokens;
}

test('a plan is created, given, taken and ended, and each says what it did', async () => {
  const created = assertDone(
    await chit(
      'plans',
      'create',
      'Class 4b',
      '2000',
      '--every',
      'week',
      '--on',
      '1',
      '--limit',
      '300/5h',
    ),
  );
  assert.match(
    created,
    /^The plan "Class 4b" gives 2000 tokens, next at \d{4}-.*T00:00:00.000Z\.$/m,
  );
  const dry = assertDone(await chit('plans', 'give', 'ada', 'class 4B', '--now', '--dry-run'));
  assert.match(dry, /^Nothing was changed\. .*2000 tokens given/);
  assert.equal(await tokensOfAda(), 10);
  const given = assertDone(await chit('plans', 'give', 'ada', 'Class 4b', '--now'));
  assert.match(given, /^ada has the plan "Class 4b": 2000 tokens given, next renewal at/);
  assert.equal(await tokensOfAda(), 2_010);

  const listed = assertDone(await chit('plans', 'list', '--json'));
  const [plan] = listed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    [plan.name, plan.tokens, plan.calendar, plan.accounts, plan.state],
    ['Class 4b', 2_000, 'week 1 UTC', 1, 'active'],
  );
  assert.match(assertDone(await chit('plans', 'list')), /Class 4b +2000 +week 1 UTC +1/);

  const taken = assertDone(await chit('plans', 'take', 'ada'));
  assert.match(taken, /^ada has no plan from the next renewal on/);
  assert.equal(await tokensOfAda(), 2_010);
  const wouldEnd = assertDone(await chit('plans', 'end', 'Class 4b', '--now', '--dry-run'));
  assert.match(wouldEnd, /would end for 1 account\.\nExpired at once: 2000 tokens\./);
  assert.match(
    assertDone(await chit('plans', 'end', 'Class 4b', '--now')),
    /ended for 1 account\./,
  );
  assert.equal(await tokensOfAda(), 10);
  assert.equal(assertDone(await chit('plans', 'list')), '');
  assert.match(assertDone(await chit('plans', 'list', '--ended')), /ended$/m);
});

test('what cannot be done is said, and nothing is stored', async () => {
  const before = await query(server.folder, 'SELECT count(*) AS n FROM plans');
  const failing: [string[], RegExp][] = [
    [['create', 'X', '5', '--time-zone', 'Mars/Base'], /name of a time zone/],
    [['create', 'X', '5', '--terms', '2020-01-01/2020-02-01'], /All of these terms are over/],
    [['create', 'X', '5', '--limit', '5/fortnight'], /is no limit/],
    [['give', 'ada', 'nothing'], /There is no plan named "nothing"/],
    [['give', 'nobody', 'nothing'], /There is no plan named "nothing"/],
    [['end', 'nothing'], /There is no plan named "nothing"/],
    [['take', 'nobody'], /There is no user named "nobody"/],
  ];
  for (const [args, reason] of failing) assertFailed(await chit('plans', ...args), 1, reason);
  assertFailed(await chit('plans', 'create', 'X', '0'), 2, /above 0/);
  assert.deepEqual(await query(server.folder, 'SELECT count(*) AS n FROM plans'), before);
});
