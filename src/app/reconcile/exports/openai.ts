/**
 * OpenAI's usage: the answers of its Usage API, a list for each API
 * (https://platform.openai.com/docs/api-reference/usage), and the CSV files that the Activity view
 * of its dashboard exports, whose columns have the same names
 * (https://help.openai.com/en/articles/8554956-understanding-your-api-usage).
 */
import type { BilledUnit } from '../../../core/reconciliation.ts';
import { INPUT_UNITS, OUTPUT_UNITS } from '../../../core/units.ts';
import { isStandardTier } from '../../../models/provider-apis/usage-dialects.ts';
import {
  countFrom,
  dayFrom,
  ExportFault,
  isGiven,
  parted,
  type UsageExport,
} from './usage-export.ts';

/** A result of the API or a row of a CSV file. */
type Fields = Readonly<Record<string, unknown>>;

/** What each member tells, if it is there. */
const TOLD: Readonly<Record<string, readonly BilledUnit[]>> = {
  input_tokens: INPUT_UNITS,
  output_tokens: OUTPUT_UNITS,
  images: ['image'],
  characters: ['character'],
  seconds: ['second'],
  num_sessions: ['code_session'],
};

const USAGE = /^organization\.usage\.\w+\.result$/;

/** Whether an answer or the columns of a file are from OpenAI. */
export const isOpenAi = {
  page: ({ object }: Fields) => object === 'page',
  columns: (columns: readonly string[]) =>
    columns.includes('start_time') && columns.includes('end_time'),
};

/** Adds a page of the Usage API. @throws ExportFault */
export function addOpenAiPage(page: Fields, to: UsageExport): void {
  for (const bucket of page.data as Fields[]) {
    const day = coveredDay(bucket, to);
    for (const result of (bucket.results ?? []) as Fields[]) {
      if (!USAGE.test(String(result.object))) {
        throw new ExportFault(
          'It tells costs, and not what was used. Ask for /v1/organization/usage/completions.',
        );
      }
      addResult(day, result, to);
    }
  }
}

/** Adds a row of a CSV file. @throws ExportFault */
export function addOpenAiRow(row: Fields, to: UsageExport): void {
  if ('amount_value' in row) {
    throw new ExportFault(
      'It tells costs, and not what was used. Export from the view "Activity" of the dashboard.',
    );
  }
  addResult(coveredDay(row, to), row, to);
}

/** The day in which a bucket begins; none is longer than a day. */
function coveredDay({ start_time: start }: Fields, to: UsageExport): string {
  const day = dayFrom(start, 'start_time');
  to.cover(day);
  return day;
}

function addResult(day: string, fields: Fields, to: UsageExport): void {
  // What is stored is billed by the gigabyte and day, whoever uses it.
  if (fields.object === 'organization.usage.vector_stores.result') return;
  const count = (name: string) => countFrom(fields[name], name);
  const searchUnit = searchUnitOf(fields);
  const ofMembers = Object.entries(TOLD).flatMap(([name, its]) => (name in fields ? its : []));
  const counts = {
    ...inputOf(count),
    ...outputOf(count),
    image: count('images'),
    character: count('characters'),
    second: count('seconds'),
    code_session: count('num_sessions'),
    ...(searchUnit === undefined ? {} : { [searchUnit]: count('num_requests') }),
  };
  const model = String(fields.model ?? '');
  const isUsed = Object.values(counts).some((it) => it);
  if (model === '' && isUsed && !isWithoutModel(fields)) {
    throw new ExportFault('It does not tell the models: group it by model (group_by=model).');
  }
  // Searches are calls within requests that another list counts.
  const requests = searchUnit === undefined ? count('num_model_requests') : undefined;
  const units = searchUnit === undefined ? ofMembers : [...ofMembers, searchUnit];
  const told = {
    units,
    cache: isGiven(fields.input_cached_tokens),
    tiers: isGiven(fields.service_tier),
    speed: false,
  };
  to.add({ day, model, tier: tierOf(fields), counts, requests, told });
}

/** The lists of searches have `num_requests`, and those of files name their store. */
function searchUnitOf(fields: Fields): 'search' | 'file_search' | undefined {
  if (!('num_requests' in fields)) return undefined;
  const isFiles =
    fields.object === 'organization.usage.file_searches.result' || 'vector_store_id' in fields;
  return isFiles ? 'file_search' : 'search';
}

function isWithoutModel(fields: Fields): boolean {
  return 'num_sessions' in fields || searchUnitOf(fields) === 'file_search';
}

/**
 * `input_tokens` has all of it, cached and written to the cache included; `input_audio_tokens` and
 * `input_image_tokens` are the parts of it that are neither. Writes are kept for half an hour, or
 * for twelve hours.
 */
function inputOf(count: (name: string) => number | undefined) {
  const all = count('input_tokens');
  if (all === undefined) return {};
  const cachedAudio = count('input_cached_audio_tokens') ?? 0;
  const parts = parted(all, {
    cached_audio_input: cachedAudio,
    cached_input: Math.max(0, (count('input_cached_tokens') ?? 0) - cachedAudio),
    cache_write_5m: count('input_cache_write_tokens'),
    cache_write_1h: count('input_cache_write_12h_tokens'),
    audio_input: count('input_audio_tokens'),
    image_input: count('input_image_tokens'),
  });
  const { rest, ...others } = parts;
  return { ...others, input: rest };
}

function outputOf(count: (name: string) => number | undefined) {
  const all = count('output_tokens');
  if (all === undefined) return {};
  const { rest, ...others } = parted(all, {
    audio_output: count('output_audio_tokens'),
    image_output: count('output_image_tokens'),
  });
  return { ...others, output: rest };
}

function tierOf({ service_tier: tier, batch }: Fields): string {
  if (String(batch).toLowerCase() === 'true') return 'batch';
  const name = String(tier ?? '').toLowerCase();
  return isStandardTier(name) ? '' : name;
}
