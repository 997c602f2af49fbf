/** `chit reconcile`: a provider's export beside the ledger of a database. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { idFrom } from '../../src/app/usage/periods.ts';
import { type Chit, openChit } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import type { SettleCommand } from '../../src/core/ledger.ts';
import type { Usage } from '../../src/core/usage.ts';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { holdOf, openOf, settleOf } from '../support/ledger-commands.ts';
import { databaseOf, newFolder, SECRET_KEY } from '../support/server.ts';
import { openAiCompletions, openAiSearches, type UsedModel } from '../support/usage-exports.ts';

const folder = newFolder();
after(() => rmSync(folder, { recursive: true, force: true }));

const DEPLOYMENT = `{
  "tokenIsWorth": "0.00001 USD",
  "providers": { "oa": { "wire": "openai", "baseUrl": "https://api.openai.com/v1" } },
  "models": [
    { "name": "small", "provider": "oa", "upstream": "gpt-5-mini", "price": { "perMessage": 1 },
      "providerPrice": { "perMillionInput": 100000, "perMillionCachedInput": 10000,
        "perMillionOutput": 1000000, "tiers": { "flex": 0.5 } } },
    { "name": "big", "provider": "oa", "upstream": "gpt-5", "price": { "perMessage": 1 } }
  ]
}`;

let generations = 0;

/** Books a generation of a day: with usage as a charge, without as a released hold. */
async function book(
  { context }: Chit,
  day: string,
  model: string,
  usage?: Usage,
  rest: Partial<SettleCommand> = {},
): Promise<void> {
  generations += 1;
  const atMs = Date.parse(day) + 3_600_000;
  const id = `${idFrom(atMs)}-7000-8000-${String(generations).padStart(12, '0')}`;
  const held = await context.ledger.submit({ ...holdOf(id, 1), model, atMs });
  assert.equal(held.outcome, 'held');
  const ended = await context.ledger.submit(
    usage
      ? { ...settleOf(id, 1), usage, usageSource: 'provider', ...rest }
      : { kind: 'release', generationId: id, accountId: 1, reason: 'model_failed', atMs },
  );
  assert.equal(ended.outcome, usage ? 'settled' : 'released');
}

const TEXT: Usage = { counts: { input: 1_000, cached_input: 0, output: 200 } };
const SEARCHED: Usage = { counts: { input: 500, output: 50, search: 2 } };

before(async () => {
  writeFileSync(join(folder, 'chit.json'), DEPLOYMENT);
  const { config } = loadConfig(
    {
      CHIT_DATABASE_URL: await databaseOf(folder),
      CHIT_SECRET_KEY: SECRET_KEY,
      CHIT_CONFIG: join(folder, 'chit.json'),
    },
    'no such file',
  );
  const chit = await openChit(config);
  await chit.context.ledger.submit(openOf(1, 1_000));
  await book(chit, '2026-11-02', 'small', TEXT);
  await book(chit, '2026-11-02', 'big', TEXT);
  await book(chit, '2026-11-03', 'small', TEXT);
  await book(chit, '2026-11-03', 'small');
  await book(chit, '2026-11-03', 'big', TEXT, { status: 'incomplete', failure: 'stopped' });
  await book(chit, '2026-11-04', 'small', { ...TEXT, tier: 'flex' });
  await book(chit, '2026-11-04', 'big', SEARCHED);
  await book(chit, '2026-11-05', 'big', TEXT);
  await chit.close();
});

const AS_BOOKED: readonly UsedModel[] = [
  { day: '2026-11-02', model: 'gpt-5-mini-2025-08-07', usage: TEXT },
  { day: '2026-11-02', model: 'gpt-5', usage: TEXT },
  { day: '2026-11-03', model: 'gpt-5-mini', usage: TEXT },
  { day: '2026-11-03', model: 'gpt-5', usage: TEXT },
  { day: '2026-11-04', model: 'gpt-5-mini', usage: { ...TEXT, tier: 'flex' } },
  { day: '2026-11-04', model: 'gpt-5', usage: SEARCHED },
  { day: '2026-11-05', model: 'gpt-5', usage: TEXT },
];

/** The same with other usage for some, by their index. */
function billedOtherwise(others: Readonly<Record<number, Usage>>): UsedModel[] {
  return AS_BOOKED.map((it, index) => ({ ...it, usage: others[index] ?? it.usage }));
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const CHIT_JSON = { settings: { CHIT_CONFIG: 'chit.json' } };

test('what a provider bills as booked agrees, with exit code 0', async () => {
  const args = [
    'reconcile',
    file('completions.json', openAiCompletions(AS_BOOKED)),
    file('searches.json', openAiSearches(AS_BOOKED)),
  ];
  const shown = assertDone(await runCommand(folder, args, CHIT_JSON))
    .trim()
    .split('\n');
  assert.match(shown[0] ?? '', /^day +model +book in +book out +provider in +provider out /);
  assert.match(shown[1] ?? '', /^2026-11-02 +gpt-5 +1000 +200 +1000 +200 +0 .*agrees$/);
  assert.equal(shown.length, 1 + AS_BOOKED.length + 1);
  assert.match(shown.at(-1) ?? '', /^sum +6500 +1250 +6500 +1250 +2$/);
});

test('every difference is shown with its class and its cost, with exit code 1', async () => {
  const billed = billedOtherwise({
    // The cache; more than the book, unexplained; after a failure; after a stop; another tier.
    0: { counts: { input: 200, cached_input: 800, output: 200 } },
    1: { counts: { input: 1_001, output: 200 } },
    2: { counts: { input: 2_000, output: 200 } },
    3: { counts: { input: 1_000, output: 700 } },
    4: TEXT,
    5: { counts: { ...SEARCHED.counts, search: 5 } },
  });
  const args = [
    'reconcile',
    file('billed.json', openAiCompletions(billed)),
    file('billed-searches.json', openAiSearches(billed)),
  ];
  const outcome = await runCommand(folder, args, CHIT_JSON);
  assert.deepEqual([outcome.code, outcome.stderr], [1, '6 of 7 days of models differ.\n']);
  const shown = outcome.stdout.replace(/ {2,}/g, ' | ').trim().split('\n').slice(1, -1);
  assert.deepEqual(
    shown.map((line) => line.split(' | ').toSpliced(2, 5).join(' | ')),
    [
      '2026-11-02 | gpt-5 | input +1 | 0 | 0 | unknown',
      '2026-11-02 | gpt-5-mini | input -800, cached_input +800 | -72 | -0.0007 | cache',
      '2026-11-03 | gpt-5 | output +500 | 500 | 0.005 | broken off',
      '2026-11-03 | gpt-5-mini | input +1000 | 100 | 0.001 | broken off',
      '2026-11-04 | gpt-5 | search +3 | 3000 | 0.03 | tool',
      '2026-11-04 | gpt-5-mini | input +1000, input -1000 (flex), output +200, ' +
        'output -200 (flex) | 150 | 0.0015 | tier',
      '2026-11-05 | gpt-5 | agrees',
    ],
  );
  const json = await runCommand(folder, [...args, '--json', '--to', '2026-11-02'], CHIT_JSON);
  assert.deepEqual([json.code, json.stderr], [1, '2 of 2 days of models differ.\n']);
  const [, cached] = json.stdout.trim().split('\n');
  assert.deepEqual(JSON.parse(cached ?? ''), {
    day: '2026-11-02',
    model: 'gpt-5-mini',
    book: {
      replies: 1,
      uncertain: 0,
      usage: [
        { unit: 'input', tier: '', count: 1_000 },
        { unit: 'output', tier: '', count: 200 },
      ],
    },
    provider: {
      requests: 1,
      usage: [
        { unit: 'input', tier: '', count: 200 },
        { unit: 'cached_input', tier: '', count: 800 },
        { unit: 'output', tier: '', count: 200 },
      ],
    },
    differences: [
      {
        class: 'cache',
        usage: [
          { unit: 'input', tier: '', count: -800 },
          { unit: 'cached_input', tier: '', count: 800 },
        ],
        cost_tokens: -72,
        cost_usd: -0.00072,
      },
    ],
  });
});

test('wrong use has exit code 2 and says what is expected', async () => {
  const good = file('good.json', openAiCompletions(AS_BOOKED));
  const cases = [
    [[], /missing required argument 'file'/],
    [['none.json'], /none\.json cannot be read: ENOENT/],
    [[file('notes.txt', 'no export')], /notes\.txt: It must be the JSON of .* or the CSV file/],
    [[good, '--from', '2026-11-31'], /It must be a day such as 2026-11-01/],
    [[good, '--provider', 'nobody'], /No model on offer is of a provider "nobody"/],
  ] as const;
  for (const [args, reason] of cases) {
    assertFailed(await runCommand(folder, ['reconcile', ...args], CHIT_JSON), 2, reason);
  }
});
