/** `chit prices`: what is charged, beside what providers take. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { comingText } from '../../src/cli/prices.ts';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { newFolder } from '../support/server.ts';

const folder = newFolder();
after(() => rmSync(folder, { recursive: true }));

function prices(text: string, ...args: string[]) {
  const path = join(folder, 'models.json');
  writeFileSync(path, text);
  return runCommand(folder, ['prices', ...args], { settings: { CHIT_CONFIG: path } });
}

const FILE = `{ "tokenIsWorth": "0.00001 USD",
  "providers": {
    "openai": { "wire": "openai", "baseUrl": "https://api.openai.com/v1" },
    "own": { "wire": "openai", "baseUrl": "http://127.0.0.1:9/v1" } },
  "models": [
    { "name": "small", "provider": "openai", "upstream": "gpt-5-mini",
      "price": { "catalogue": true, "factor": 1.25, "tiers": { "priority": 2 } } },
    { "name": "old", "provider": "openai", "upstream": "gpt-5-mini",
      "price": { "perMillionInput": "0.20 USD", "perMillionOutput": 250000 } },
    { "name": "local", "provider": "own", "price": { "perMessage": 10 } }] }`;

test('it shows charges, what the provider takes, the margin, and what is not covered', async () => {
  const lines = assertDone(await prices(FILE))
    .trimEnd()
    .split('\n');
  assert.match(lines[0] ?? '', /^model +unit +charged +provider +USD +margin +note$/);
  const row = (start: RegExp) => lines.find((line) => start.test(line)) ?? assert.fail(`${start}`);
  assert.match(row(/^small +1M input /), /31250 +25000 +0\.25 +20 %$/);
  assert.match(row(/^small +search /), /1250 +1000 +0\.01 +20 %$/);
  assert.match(row(/^old +1M input /), /20000 +25000 +0\.25 +-25 % +does not cover the provider’s/);
  assert.match(row(/^old +1M output /), /250000 +200000 +2 +20 %$/);
  assert.match(row(/^old +search /), /no price +1000 +0\.01$/);
  assert.match(row(/^local +message /), /10$/);
  assert.ok(lines.includes('small: tier "priority" costs 2 times as much'));
  assert.ok(lines.some((it) => it.startsWith('local: nobody says what its provider takes')));
});

test('a price that changes with the hour is told with its time in UTC', async () => {
  const text = `{ "tokenIsWorth": "0.00001 USD",
    "providers": { "p": { "wire": "openai", "baseUrl": "https://api.deepseek.com" } },
    "models": [
      { "name": "own", "provider": "p", "upstream": "deepseek-chat", "price": "catalogue" },
      { "name": "fixed", "provider": "p", "upstream": "deepseek-chat",
        "price": { "perMillionInput": "0.2 USD", "perMillionOutput": "9 USD" } }] }`;
  const lines = assertDone(await prices(text)).split('\n');
  const input = (model: string) => lines.find((it) => it.startsWith(`${model}  `)) ?? '';
  // Which of the two comes first depends on when this runs.
  for (const change of ['0.135 USD from 16:30 UTC', '0.27 USD from 00:30 UTC']) {
    assert.match(input('own'), new RegExp(`  ([^;]*; )?${change}(;|$)`));
  }
  assert.match(input('fixed'), / 0\.135 USD from 16:30 UTC(;|$)/);
  assert.match(input('fixed'), / 0\.27 USD from 00:30 UTC, which is not covered(;|$)/);
});

test('a change within a day is told with its time, a later one with its day', () => {
  const nowMs = Date.parse('2026-12-31T12:00:00+01:00');
  const at = (time: string) =>
    comingText({ atMs: Date.parse(time), dollars: 3, isCovered: true }, nowMs);
  assert.equal(at('2027-01-01T00:00:00+01:00'), '3 USD from 23:00 UTC');
  assert.equal(at('2027-01-01T10:59:00Z'), '3 USD from 10:59 UTC');
  assert.equal(at('2027-01-02T00:30:00+01:00'), '3 USD from 2027-01-01 UTC');
});

test('scripts get one object per model', async () => {
  const lines = assertDone(await prices(FILE, '--json'))
    .trimEnd()
    .split('\n');
  const models = lines.map((line) => JSON.parse(line) as { model: string; rates: object[] });
  assert.deepEqual(
    models.map(({ model }) => model),
    ['small', 'old', 'local'],
  );
  assert.deepEqual(models[1]?.rates[0], {
    unit: 'input',
    per: 1_000_000,
    charged: 20_000,
    provider: 25_000,
    providerDollars: 0.25,
    margin: -0.25,
    isBelowProvider: true,
    coming: [],
  });
});

test('it says how to compare without dollars, and shows the built-in model', async () => {
  const text = `{
    "providers": { "p": { "wire": "openai", "baseUrl": "https://api.openai.com/v1" } },
    "models": [{ "name": "gpt-5-mini", "provider": "p", "price": { "perMessage": 1 } }] }`;
  assert.match(assertDone(await prices(text)), /^With "tokenIsWorth" in chit\.json, dollars are/m);
  const shown = assertDone(await runCommand(folder, ['prices']));
  assert.match(shown, /^dummy +message +100$/m);
});

test('a model that the catalogue does not know is named, with the nearest', async () => {
  const text = FILE.replace('"upstream": "gpt-5-mini",', '"upstream": "gpt-5-minni",');
  const outcome = await prices(text);
  assertFailed(
    outcome,
    2,
    /models\.json:7:\d+: models\[0\]\.price\.catalogue: the catalogue has no /,
  );
  assert.match(outcome.stderr, /"gpt-5-minni"\. Did you mean \{ "catalogue": "gpt-5-mini" \}\?\n$/);
});
