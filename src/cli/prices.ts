import { Command } from 'commander';
import {
  type ComingPrice,
  type ComparedModel,
  type ComparedRate,
  compareWithCatalogue,
} from '../app/operations/compare-prices.ts';
import { deploymentOf } from '../compose/deployment-of.ts';
import { loadConfig } from '../config.ts';
import { print, printTable } from './output.ts';

const MILLION = 1_000_000;
const DAY_MS = 86_400_000;

export function pricesCommand(): Command {
  return new Command('prices')
    .description('Show what is charged for each model, and what its provider takes')
    .option('--json', 'one JSON object per model and line, for scripts')
    .action(show);
}

async function show({ json }: { readonly json?: boolean }): Promise<void> {
  const deployment = await deploymentOf(loadConfig().config);
  const nowMs = Date.now();
  const models = await compareWithCatalogue(deployment, nowMs);
  if (json) {
    for (const model of models) print(JSON.stringify(asJson(model)));
    return;
  }
  printTable(models.flatMap((it) => it.rates.map((rate) => asRow(it, rate, nowMs))));
  for (const { model, tiers } of models) {
    for (const [tier, factor] of Object.entries(tiers)) {
      print(`${model}: tier "${tier}" costs ${factor} times as much`);
    }
  }
  for (const { model, provider, isInCatalogue, rates } of models) {
    const isOwn = provider === 'built-in' || provider === 'demo';
    if (!isOwn && !isInCatalogue && rates.every((it) => it.provider === undefined)) {
      print(`${model}: nobody says what its provider takes ("providerPrice")`);
    }
  }
  if (deployment.tokenIsWorth === undefined && models.some((it) => it.isInCatalogue)) {
    print('With "tokenIsWorth" in chit.json, dollars are compared with what is charged.');
  }
}

function asRow({ model }: ComparedModel, rate: ComparedRate, nowMs: number) {
  const { unit, per, aboveInput, charged, provider, providerDollars, margin } = rate;
  const size = per === MILLION ? '1M ' : '';
  const step = aboveInput === undefined ? '' : `, input above ${aboveInput}`;
  return {
    model,
    unit: `${size}${unit}${step}`,
    charged: charged ?? 'no price',
    provider: provider ?? '',
    USD: providerDollars ?? '',
    margin: margin === undefined ? '' : `${Math.round(margin * 1000) / 10} %`,
    note: notesOf(rate, nowMs).join('; '),
  };
}

function notesOf(rate: ComparedRate, nowMs: number): string[] {
  const { isBelowProvider, catalogueDollars, coming } = rate;
  return [
    ...(isBelowProvider ? ['does not cover the provider\u2019s price'] : []),
    ...(catalogueDollars === undefined ? [] : [`the catalogue says ${catalogueDollars} USD`]),
    ...coming.map((it) => comingText(it, nowMs)),
  ];
}

/** What a provider will take, and when: the time if that is within a day, otherwise the day. */
export function comingText({ atMs, dollars, isCovered }: ComingPrice, nowMs: number): string {
  const time = new Date(atMs).toISOString();
  const when = atMs - nowMs < DAY_MS ? `${time.slice(11, 16)} UTC` : `${time.slice(0, 10)} UTC`;
  return `${dollars} USD from ${when}${isCovered ? '' : ', which is not covered'}`;
}

function asJson({ rates, ...model }: ComparedModel) {
  return {
    ...model,
    rates: rates.map(({ coming, ...rate }) => ({
      ...rate,
      coming: coming.map(({ atMs, ...it }) => ({ at: new Date(atMs).toISOString(), ...it })),
    })),
  };
}
