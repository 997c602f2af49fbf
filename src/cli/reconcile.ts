import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { readExport } from '../app/reconcile/exports/read-export.ts';
import { ExportFault } from '../app/reconcile/exports/usage-export.ts';
import { type Money, sumOfMoney } from '../app/reconcile/provider-rates.ts';
import { type ReconciledDay, type Reconciliation, reconcile } from '../app/reconcile/reconcile.ts';
import { counted } from '../core/counted.ts';
import type { Fraction } from '../core/pricing.ts';
import { Tally, type TallyEntry } from '../core/reconciliation.ts';
import { INPUT_UNITS, OUTPUT_UNITS } from '../core/units.ts';
import { CommandFailure, print, printError, printTable, progressBar } from './output.ts';
import { withChit } from './with-chit.ts';

interface ReconcileOptions {
  readonly provider: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

export function reconcileCommand(): Command {
  return new Command('reconcile')
    .description("Compare a provider's export of usage with the ledger, by UTC day and model")
    .argument('<file...>', "the export: JSON of OpenAI's or Anthropic's usage API, or CSV")
    .option('--provider <name>', 'the provider in chit.json; may be repeated', collected, [])
    .option('--from <day>', 'the first day, such as 2026-11-01; by default that of the export', day)
    .option('--to <day>', 'the last day; by default that of the export', day)
    .option('--json', 'one JSON object per line, for scripts')
    .addHelpText('after', HELP)
    .action(run);
}

const HELP = `
Exports have to be grouped by model. OpenAI has a list for each API: give those of completions,
embeddings and so on together. Let a day be over for some hours before you compare it.

Why they differ:
  broken off  requests of that day broke off, failed, or were counted by Chit (column "uncertain")
  cache       the input agrees, but not how much of it was cached
  tool        searches and other things that are not tokens
  tier        the tokens agree, but not their service tier
  unknown     nothing in the ledger explains it

Exit codes: 0 if everything agrees, 1 if anything differs, 2 if the file cannot be used.`;

async function run(
  paths: readonly string[],
  options: ReconcileOptions,
  command: Command,
): Promise<void> {
  const { provider: providers, from, to, json: isJson } = options;
  try {
    const usage = readExport(paths.map((path) => ({ name: path, text: textOf(path) })));
    const request = { providers, from, to };
    const bar = progressBar('Days');
    const found = await withChit(({ context }) =>
      reconcile(context, usage, request, bar.update).finally(bar.end),
    );
    report(found, isJson === true);
  } catch (error) {
    if (error instanceof ExportFault) command.error(error.message);
    throw error;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ExportFault(`${path} cannot be read: ${(error as Error).message}`);
  }
}

function collected(name: string, before: readonly string[]): readonly string[] {
  return [...before, name];
}

function day(text: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  if (isDay && new Date(text).toISOString().startsWith(text)) return text;
  throw new InvalidArgumentError('It must be a day such as 2026-11-01.');
}

/** @throws CommandFailure if anything differs */
function report(found: Reconciliation, isJson: boolean): void {
  const { days, ofUnknownModels, isCutOff } = found;
  if (isJson) for (const it of days) print(JSON.stringify(asJson(it)));
  else printTable([...days.flatMap(asRows), sumRow(found)]);
  for (const [model, charges] of ofUnknownModels) {
    printError(
      `Not compared: ${counted(charges, 'charge')} of "${model}", which chit.json does not have.`,
    );
  }
  if (isCutOff) printError('The export goes on: its last page says that there are more.');
  const differing = days.filter(({ differences }) => differences.length > 0).length;
  if (differing === 0) return;
  const of = counted(days.length, 'day of a model', 'days of models');
  throw new CommandFailure(`${differing} of ${of} ${differing === 1 ? 'differs' : 'differ'}.`);
}

/** A row for each difference of a day, or one if there is none. */
function asRows({ day: date, model, book, provider, differences }: ReconciledDay): Row[] {
  const first = {
    day: date,
    model: model || '(none)',
    ...sides(book.tally, provider.tally),
    uncertain: book.uncertain,
  };
  if (differences.length === 0) return [{ ...first, ...NO_DIFFERENCE }];
  return differences.map(({ entries, cost, class: why }, index) => ({
    ...(index === 0 ? first : emptied(first)),
    difference: entries.map(asText).join(', '),
    cost: shown(cost.credits, 0),
    USD: shown(cost.dollars, USD_DIGITS),
    class: why,
  }));
}

type Row = Record<string, string | number>;

const NO_DIFFERENCE = { difference: '', cost: '', USD: '', class: 'agrees' };
const USD_DIGITS = 4;

function sides(book: Tally, provider: Tally) {
  return {
    'book in': book.sumOf(INPUT_UNITS),
    'book out': book.sumOf(OUTPUT_UNITS),
    'provider in': provider.sumOf(INPUT_UNITS),
    'provider out': provider.sumOf(OUTPUT_UNITS),
  };
}

function emptied(row: Row): Row {
  return Object.fromEntries(Object.keys(row).map((name) => [name, '']));
}

function sumRow({ days }: Reconciliation): Row {
  const sum = { day: 'sum', model: '', ...sides(sumOf(days, 'book'), sumOf(days, 'provider')) };
  let cost: Money = { credits: undefined, dollars: undefined };
  const all = days.flatMap(({ differences }) => differences);
  for (const it of all) cost = sumOfMoney(cost, it.cost);
  const unpriced = all.filter((it) => !it.cost.credits && !it.cost.dollars).length;
  return {
    ...sum,
    uncertain: days.reduce((all, { book }) => all + book.uncertain, 0),
    difference: '',
    cost: shown(cost.credits, 0),
    USD: shown(cost.dollars, USD_DIGITS),
    class: unpriced === 0 ? '' : `${unpriced} without a price`,
  };
}

function sumOf(days: readonly ReconciledDay[], side: 'book' | 'provider'): Tally {
  const sum = new Tally();
  for (const it of days) sum.addAll(it[side].tally.entries());
  return sum;
}

/** Such as `output +120` or `input -5 (batch)`. */
function asText({ unit, tier, count }: TallyEntry): string {
  const sign = count > 0 ? '+' : '';
  return `${unit} ${sign}${count}${tier === '' ? '' : ` (${tier})`}`;
}

/** Rounded to so many digits; empty if it is not known. */
function shown(amount: Fraction | undefined, digits: number): number | '' {
  return amount ? rounded(amount, digits) : '';
}

function rounded({ over, under }: Fraction, digits: number): number {
  const scale = 10 ** digits;
  const scaled = over * BigInt(scale) * 2n + under * (over < 0n ? -1n : 1n);
  return Number(scaled / (under * 2n)) / scale;
}

function asJson({ day: date, model, book, provider, differences }: ReconciledDay): unknown {
  const number = (amount: Fraction | undefined, digits: number) =>
    amount ? rounded(amount, digits) : null;
  return {
    day: date,
    model,
    book: { replies: book.replies, uncertain: book.uncertain, usage: book.tally.entries() },
    provider: { requests: provider.requests ?? null, usage: provider.tally.entries() },
    differences: differences.map(({ class: why, entries, cost }) => ({
      class: why,
      usage: entries,
      cost_tokens: number(cost.credits, 0),
      cost_usd: number(cost.dollars, 6),
    })),
  };
}
