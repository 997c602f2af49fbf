/** `docs/prices.md` explains a charge; each of its figures is computed here. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import { verifyLedger } from '../../../src/app/credits/verify-ledger.ts';
import { serverFor } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config.ts';
import { divideUp } from '../../../src/core/credits.ts';
import {
  costOf,
  dearestRate,
  type Fraction,
  type Price,
  type PricedUnit,
  plus,
  rateOf,
  tierFactor,
  times,
  ZERO,
} from '../../../src/core/pricing.ts';
import { quoteRange } from '../../../src/core/quote.ts';
import { shownAmount } from '../../../src/core/shown-price.ts';
import type { Unit } from '../../../src/core/units.ts';
import type { Counts } from '../../../src/core/usage.ts';
import { MODEL_DEFAULTS, type Model } from '../../../src/models/catalogue.ts';
import { readDeployment } from '../../../src/models/deployment-file/read-deployment.ts';
import { createAccount, openTestChit } from '../../support/chit.ts';
import { runCommand } from '../../support/command-runner.ts';
import { getWith } from '../../support/http.ts';
import { databaseOf, newFolder, SECRET_KEY } from '../../support/server.ts';

const document = readFileSync(join(import.meta.dirname, '../../../docs/prices.md'), 'utf8');

const NAMES: Partial<Record<PricedUnit, string>> = {
  input: 'input',
  cached_input: 'input from the cache',
  cache_write_5m: 'written to the cache',
  output: 'output',
  search: 'web search',
};
const TIER = 'priority';
const USED = { input: 1_237, cached_input: 48_211, cache_write_5m: 2_640, output: 815, search: 1 };
const ASKED = {
  inputTokens: 212_000,
  outputLimit: 8_192,
  usefulOutput: 16,
  units: new Set<Unit>(['cache_write_5m', 'search']),
  others: { search: 5 } satisfies Counts,
  tiers: [TIER],
};

let price: Price;
before(() => {
  const text = /```jsonc\n(.*?)```/s.exec(document)?.[1] ?? '';
  const environment = { ANTHROPIC_API_KEY: 'x' };
  price = readDeployment(text, { file: 'chit.json', environment }).models[0]?.price as Price;
});

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });

/** A table whose rows are counts at rates, with the sum, the tier and the rounding. */
function tableOf(rows: readonly (readonly [string, number, Fraction])[], last: string): string {
  const decimal = (value: Fraction) => number.format(shownAmount(value, 'message'));
  let sum = ZERO;
  const lines = rows.map(([name, count, rate]) => {
    sum = plus(sum, count, rate);
    const credits = decimal(plus(ZERO, count, rate));
    return `| ${name} | ${number.format(count)} | ${decimal(rate)} | ${credits} |`;
  });
  const factor = tierFactor(price, TIER) ?? ZERO;
  const total = times(sum, factor);
  return [
    '| | count | credits each | credits |',
    '|---|--:|--:|--:|',
    ...lines,
    `| together | | | ${decimal(sum)} |`,
    `| service tier \`${TIER}\` | | × ${decimal(factor)} | ${decimal(total)} |`,
    `| **${last}** | | | **${number.format(divideUp(total.over, total.under))}** |`,
  ].join('\n');
}

function assertShown(marker: string, expected: string): void {
  const shown = document.split(`<!-- ${marker} -->\n`)[1]?.split(`\n<!-- /${marker} -->`)[0];
  assert.equal(shown, expected);
}

function blockOf(language: string): string {
  return document.split(`\`\`\`${language}\n`)[1]?.split('\n```')[0] ?? '';
}

test('the hold', () => {
  const { inputTokens, outputLimit, others } = ASKED;
  const dearest = (...units: PricedUnit[]) => dearestRate(price, units, inputTokens);
  const rows = [
    ['input, at most', inputTokens, dearest('input', 'cached_input', 'cache_write_5m')],
    ['output, at most', outputLimit, dearest('output')],
    ['web searches, at most', others.search, dearest('search')],
  ] as const;
  const table = tableOf(rows, 'held');
  assertShown('hold', table);
  const { mostCredits } = quoteRange(price, ASKED);
  assert.ok(table.endsWith(`**${number.format(mostCredits)}** |`), `${mostCredits} are held`);
});

test('the bill', () => {
  const rows = Object.entries(USED).map(([unit, count]) => {
    const rate = rateOf(price, unit as Unit, 52_088) ?? assert.fail(unit);
    return [NAMES[unit as Unit] ?? unit, count, rate] as const;
  });
  const table = tableOf(rows, 'charged, rounded up');
  assertShown('bill', table);
  const cost = costOf(price, { counts: USED, tier: TIER });
  assert.ok(table.endsWith(`**${number.format(cost)}** |`), `${cost} are charged`);
});

test('the statement and the command line', async (t) => {
  const folder = newFolder();
  t.after(() => rmSync(folder, { recursive: true }));
  const model: Model = {
    ...MODEL_DEFAULTS,
    name: 'agent',
    price,
    outputLimit: ASKED.outputLimit,
    async *generate() {
      yield { text: 'Done.', usage: { counts: USED, tier: TIER } };
    },
  };
  const settings = { CHIT_LOG_LEVEL: 'silent', CHIT_SIGNUP_TOKENS: '1000000' };
  const databaseUrl = await databaseOf(folder);
  const chit = await openTestChit(databaseUrl, model, settings);
  const all = { ...settings, CHIT_DATABASE_URL: databaseUrl, CHIT_SECRET_KEY: SECRET_KEY };
  const server = await serverFor(chit, loadConfig(all, 'no such file').config);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const { context } = chit;
  const flags = { isStaff: false, isSuperuser: false };
  const account = { username: 'ada', password: 'Pa55word!x', ...flags };
  const userId = await createAccount(context, account);
  await completeChat(context, { userId, content: 'a turn', idempotency: undefined });
  const { token } = context.tokens.issue('access', userId, context.now());
  const { json } = await getWith(`${url}/api/tokens/history/?limit=1`, token);
  assert.deepEqual((await verifyLedger(context)).faults, []);
  await server.close();
  await chit.close();
  const [line] = (json as { results: Record<string, unknown>[] }).results;
  const shown = JSON.parse(blockOf('json')) as Record<string, unknown>;
  assert.deepEqual({ kind: line?.kind, amount: line?.amount, usage: line?.usage }, shown);
  const { stdout } = await runCommand(folder, ['ledger', 'show', 'ada']);
  assert.ok(stdout.includes(blockOf('text')), stdout);
});
