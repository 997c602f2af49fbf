/** The book beside an export: which requests belong together, and what remains. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readExport } from '../../../src/app/reconcile/exports/read-export.ts';
import { ExportFault, type UsageExport } from '../../../src/app/reconcile/exports/usage-export.ts';
import {
  type ReconcileContext,
  type ReconcileRequest,
  type Reconciliation,
  reconcile,
} from '../../../src/app/reconcile/reconcile.ts';
import { idFrom } from '../../../src/app/usage/periods.ts';
import type { Fraction } from '../../../src/core/pricing.ts';
import { UNITS, type Unit } from '../../../src/core/units.ts';
import type { Usage } from '../../../src/core/usage.ts';
import { Catalogue } from '../../../src/models/catalogue.ts';
import { createModels } from '../../../src/models/create-models.ts';
import { readDeployment } from '../../../src/models/deployment-file/read-deployment.ts';
import type { BookedGeneration } from '../../../src/store/usage/completed-generations.ts';
import {
  anthropicCsv,
  openAiCompletions,
  openAiSearches,
  type UsedModel,
} from '../../support/usage-exports.ts';

const PRICE = '"price": { "perMessage": 1 }';
const DEPLOYMENT = readDeployment(
  `{
  "providers": {
    "oa": { "wire": "openai", "baseUrl": "https://api.openai.com/v1" },
    "an": { "wire": "anthropic", "baseUrl": "https://api.anthropic.com" },
    "near": { "wire": "openai", "baseUrl": "http://127.0.0.1:11434/v1" }
  },
  "models": [
    { "name": "small", "provider": "oa", "upstream": "gpt-5-mini", ${PRICE}, "fallbacks": ["big"] },
    { "name": "small-too", "provider": "oa", "upstream": "gpt-5-mini-2025-08-07", ${PRICE} },
    { "name": "big", "provider": "oa", "upstream": "gpt-5", ${PRICE} },
    { "name": "claude", "provider": "an", "upstream": "claude-sonnet-4-5", ${PRICE} },
    { "name": "local", "provider": "near", "upstream": "gpt-5", ${PRICE} }
  ]
}`,
  { file: 'chit.json', environment: {} },
);
const CATALOGUE = new Catalogue(await createModels(DEPLOYMENT));

const NO_REQUEST: ReconcileRequest = { providers: [], from: undefined, to: undefined };

let ids = 0;

/** An ended generation that began on a day. */
function generation(
  day: string,
  model: string,
  charge?: Partial<NonNullable<BookedGeneration['charge']>>,
): BookedGeneration {
  ids += 1;
  const id = `${idFrom(Date.parse(day))}-7000-8000-${String(ids).padStart(12, '0')}`;
  const usage = { counts: {} };
  const defaults = { model, usage, usageSource: 'provider', isIncomplete: false } as const;
  return { id, model, charge: charge && { ...defaults, ...charge } };
}

/** A book of these generations, read by pages as from a database. */
function contextWith(
  all: readonly BookedGeneration[],
  tokenIsWorth?: Fraction,
  onPage: (limit: number) => void = () => undefined,
): ReconcileContext {
  const sorted = all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const booked = async (range: { after: string; to: string; limit: number }) => {
    onPage(range.limit);
    return sorted.filter(({ id }) => id > range.after && id < range.to).slice(0, range.limit);
  };
  return { catalogue: CATALOGUE, deployment: { tokenIsWorth }, completedGenerations: { booked } };
}

function exportOf(...texts: string[]): UsageExport {
  return readExport(texts.map((text) => ({ name: 'file', text })));
}

/** Such as `2026-11-02 gpt-5: unknown input +5`. */
function texts({ days }: Reconciliation): string[] {
  return days.flatMap(({ day, model, differences }) =>
    differences.map(({ class: why, entries }) => {
      const parts = entries.map(({ unit, count }) => `${unit} ${count > 0 ? '+' : ''}${count}`);
      return `${day} ${model}: ${why} ${parts.join(', ')}`;
    }),
  );
}

const USED: Usage = { counts: { input: 100, output: 10 } };
const DAY = '2026-11-02';

test('several names of one model, and its snapshots, are compared as one', async () => {
  const book = [
    generation(DAY, 'small', { usage: USED }),
    generation(DAY, 'small-too', { usage: USED }),
    generation(DAY, 'local', { usage: USED }),
  ];
  const used = ['gpt-5-mini-2025-08-07', 'gpt-5-mini'].map((model) => ({
    day: DAY,
    model,
    usage: USED,
  }));
  const found = await reconcile(contextWith(book), exportOf(openAiCompletions(used)), NO_REQUEST);
  assert.deepEqual(texts(found), []);
  assert.deepEqual(
    found.days.map(({ day, model, book: { replies } }) => [day, model, replies]),
    [[DAY, 'gpt-5-mini', 2]],
  );
  assert.deepEqual(found.providers, ['oa']);
});

test('a request that broke off, failed or was answered by a fallback explains more', async () => {
  const billed = [
    { day: '2026-11-02', model: 'gpt-5-mini', usage: USED },
    { day: '2026-11-03', model: 'gpt-5', usage: USED },
    { day: '2026-11-04', model: 'gpt-5-mini', usage: USED },
    { day: '2026-11-04', model: 'gpt-5', usage: USED },
    { day: '2026-11-05', model: 'gpt-5', usage: { counts: { input: 100, output: 30 } } },
    { day: '2026-11-06', model: 'gpt-5', usage: USED },
  ];
  const book = [
    generation('2026-11-02', 'small'),
    // Its fallback was asked as well, and failed too.
    generation('2026-11-03', 'small'),
    generation('2026-11-04', 'small', { model: 'big', usage: USED }),
    generation('2026-11-05', 'big', { usage: USED, isIncomplete: true, usageSource: 'counted' }),
    generation('2026-11-06', 'big', { usageSource: 'flat' }),
  ];
  const found = await reconcile(contextWith(book), exportOf(openAiCompletions(billed)), NO_REQUEST);
  assert.deepEqual(texts(found), [
    '2026-11-02 gpt-5-mini: broken off input +100, output +10',
    '2026-11-03 gpt-5: broken off input +100, output +10',
    '2026-11-04 gpt-5-mini: broken off input +100, output +10',
    '2026-11-05 gpt-5: broken off output +20',
    '2026-11-06 gpt-5: broken off input +100, output +10',
  ]);
});

test('attempts that failed and were not billed are no rows', async () => {
  const context = contextWith([generation(DAY, 'small')]);
  const { days } = await reconcile(context, exportOf(openAiCompletions([])), {
    ...NO_REQUEST,
    from: DAY,
    to: DAY,
  });
  assert.deepEqual(days, []);
});

test('a day belongs to when a request began, in UTC; other days are not compared', async () => {
  const book = [
    generation('2026-11-01T23:59:59.999Z', 'big', { usage: USED }),
    generation('2026-11-02T00:00:00.000Z', 'big', { usage: USED }),
    generation('2026-11-02T23:59:59.999Z', 'big', { usage: USED }),
    generation('2026-11-03T00:00:00.000Z', 'big', { usage: USED }),
  ];
  const used = [0, 1].map(() => ({ day: DAY, model: 'gpt-5', usage: USED }));
  const one = exportOf(openAiCompletions(used));
  assert.deepEqual(texts(await reconcile(contextWith(book), one, NO_REQUEST)), []);
  const wider = { ...NO_REQUEST, from: '2026-11-01', to: '2026-11-02' };
  assert.deepEqual(texts(await reconcile(contextWith(book), one, wider)), [
    '2026-11-01 gpt-5: unknown input -100, output -10',
  ]);
  const other = { ...NO_REQUEST, from: '2026-11-04', to: '2026-11-05' };
  assert.deepEqual((await reconcile(contextWith(book), one, other)).days, []);
  const none = { ...NO_REQUEST, from: '2026-11-05', to: '2026-11-04' };
  await assert.rejects(reconcile(contextWith(book), one, none), /There are no days from/);
});

test('models that are no longer on offer are compared by their name, or counted', async () => {
  const book = [
    generation(DAY, 'gpt-4.1', { usage: USED }),
    generation(DAY, 'forgotten', { usage: USED }),
    generation(DAY, 'forgotten', { usage: USED }),
  ];
  const used = [{ day: DAY, model: 'gpt-4.1-2025-04-14', usage: USED }];
  const found = await reconcile(contextWith(book), exportOf(openAiCompletions(used)), NO_REQUEST);
  assert.deepEqual(texts(found), []);
  assert.deepEqual([...found.ofUnknownModels], [['forgotten', 2]]);
});

test('searches are compared if the export has them', async () => {
  const usage = { counts: { ...USED.counts, search: 3 } };
  const book = [generation(DAY, 'big', { usage })];
  const completions = openAiCompletions([{ day: DAY, model: 'gpt-5', usage }]);
  const searches = openAiSearches([{ day: DAY, model: 'gpt-5', usage: { counts: { search: 5 } } }]);
  const without = await reconcile(contextWith(book), exportOf(completions), NO_REQUEST);
  assert.deepEqual(texts(without), []);
  const both = await reconcile(contextWith(book), exportOf(completions, searches), NO_REQUEST);
  assert.deepEqual(texts(both), ['2026-11-02 gpt-5: tool search +2']);
});

test('a provider is chosen by the format, or named', async () => {
  const claude = exportOf(anthropicCsv([{ day: DAY, model: 'claude-sonnet-4-5', usage: USED }]));
  const context = contextWith([generation(DAY, 'claude', { usage: USED })]);
  const found = await reconcile(context, claude, NO_REQUEST);
  assert.deepEqual([found.providers, texts(found)], [['an'], []]);
  const named = (name: string) => reconcile(context, claude, { ...NO_REQUEST, providers: [name] });
  assert.deepEqual((await named('near')).providers, ['near']);
  await assert.rejects(named('nobody'), (error: Error) => {
    assert.ok(error instanceof ExportFault);
    assert.match(error.message, /is of a provider "nobody"\. There are: oa, an, near\./);
    return true;
  });
  const empty = exportOf('{"object":"page","data":[]}');
  await assert.rejects(reconcile(context, empty, NO_REQUEST), /no days.*--from and --to/);
});

test('a difference costs what the provider takes, by the catalogue', async () => {
  const usage = { counts: { input: 1_000_000, cached_input: 1_000_000 } };
  const billed = { counts: { input: 2_000_000 } };
  const file = exportOf(openAiCompletions([{ day: DAY, model: 'gpt-5', usage: billed }]));
  const book = [generation(DAY, 'big', { usage })];
  const cost = async (tokenIsWorth?: Fraction) => {
    const { days } = await reconcile(contextWith(book, tokenIsWorth), file, NO_REQUEST);
    const { credits, dollars } = days[0]?.differences[0]?.cost ?? assert.fail();
    return [credits, dollars].map((it) => it && Number(it.over) / Number(it.under));
  };
  // 1.25 USD per million, and 0.125 from the cache.
  assert.deepEqual(await cost(), [undefined, 1.125]);
  assert.deepEqual(await cost({ over: 1n, under: 100_000n }), [112_500, 1.125]);
});

test('a long book is read in pages', async () => {
  const book = Array.from({ length: 4_500 }, () => generation(DAY, 'big', { usage: USED }));
  const limits: number[] = [];
  const file = exportOf(openAiCompletions([{ day: DAY, model: 'gpt-5', usage: USED }]));
  const context = contextWith(book, undefined, (limit) => limits.push(limit));
  const { days } = await reconcile(context, file, NO_REQUEST);
  assert.deepEqual(limits, [2_000, 2_000, 2_000]);
  assert.equal(days[0]?.book.replies, 4_500);
});

/** Usage in units that an export can tell. */
function anyUsage(units: readonly Unit[], tiers: readonly string[]): fc.Arbitrary<Usage> {
  const counts = fc.dictionary(fc.constantFrom(...units), fc.nat({ max: 10_000 }), {
    noNullPrototype: true,
  });
  return fc.record({ counts, tier: fc.constantFrom(undefined, ...tiers) });
}

const anyDay = fc.constantFrom('2026-11-02', '2026-11-03', '2026-11-05');
const OPENAI_UNITS = UNITS.filter((unit) => /^(cached_)?(audio_)?(in|out)put$|_5m$/.test(unit));
const ANTHROPIC_UNITS = UNITS.filter((unit) => /^(cached_input|cache_write_.*|search)$/.test(unit));

test('an export made from the book has no difference, whatever was used', async () => {
  const formats = [
    {
      models: ['small', 'small-too', 'big'],
      usage: anyUsage(OPENAI_UNITS, ['priority', 'flex']),
      write: openAiCompletions,
    },
    {
      models: ['claude'],
      usage: anyUsage([...ANTHROPIC_UNITS, 'input', 'output'], ['priority', 'fast']),
      write: anthropicCsv,
    },
  ];
  for (const { models, usage, write } of formats) {
    const one = fc.record({ day: anyDay, name: fc.constantFrom(...models), usage });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 8 }), async (all) => {
        const book = all.map((it) => generation(it.day, it.name, { usage: it.usage }));
        const used: UsedModel[] = all.map((it) => ({
          day: it.day,
          model: CATALOGUE.find(it.name)?.upstream?.model ?? '',
          usage: it.usage,
        }));
        const found = await reconcile(contextWith(book), exportOf(write(used)), NO_REQUEST);
        assert.deepEqual(texts(found), []);
        const sum = found.days.reduce((replies, { book: { replies: its } }) => replies + its, 0);
        assert.equal(sum, all.length);
      }),
      { numRuns: 50 },
    );
  }
});
