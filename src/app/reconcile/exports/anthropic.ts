/**
 * Anthropic's usage: the answers of its Usage and Cost Admin API
 * (https://docs.claude.com/en/api/usage-cost-api), and the CSV files that the Usage page of its
 * Console exports.
 */
import type { BilledUnit } from '../../../core/reconciliation.ts';
import { isStandardTier } from '../../../models/provider-apis/usage-dialects.ts';
import { countFrom, dayFrom, ExportFault, isGiven, type UsageExport } from './usage-export.ts';

type Fields = Readonly<Record<string, unknown>>;

const TOLD: readonly BilledUnit[] = [
  'input',
  'cached_input',
  'cache_write_5m',
  'cache_write_1h',
  'output',
  'search',
];

/** Whether an answer or the columns of a file are from Anthropic. */
export const isAnthropic = {
  page: ({ data }: Fields) => (data as Fields[]).every((bucket) => 'starting_at' in bucket),
  columns: (columns: readonly string[]) => columns.includes('usage_date_utc'),
};

/** Adds a page of the API. @throws ExportFault */
export function addAnthropicPage(page: Fields, to: UsageExport): void {
  for (const bucket of page.data as Fields[]) {
    const day = dayFrom(bucket.starting_at, 'starting_at');
    to.cover(day);
    for (const result of (bucket.results ?? []) as Fields[]) {
      if (!('uncached_input_tokens' in result)) {
        throw new ExportFault(
          'It tells costs, and not what was used. ' +
            'Ask for /v1/organizations/usage_report/messages.',
        );
      }
      const written = (result.cache_creation ?? {}) as Fields;
      const tools = (result.server_tool_use ?? {}) as Fields;
      const count = (from: Fields, name: string) => countFrom(from[name], name);
      addCounts(to, {
        day,
        model: result.model,
        tier: result.service_tier,
        speed: result.speed,
        counts: {
          input: count(result, 'uncached_input_tokens'),
          cached_input: count(result, 'cache_read_input_tokens'),
          cache_write_5m: count(written, 'ephemeral_5m_input_tokens'),
          cache_write_1h: count(written, 'ephemeral_1h_input_tokens'),
          output: count(result, 'output_tokens'),
          search: count(tools, 'web_search_requests'),
        },
      });
    }
  }
}

/** Adds a row of a CSV file. @throws ExportFault */
export function addAnthropicRow(row: Fields, to: UsageExport): void {
  if (!('usage_input_tokens_no_cache' in row)) {
    throw new ExportFault('It tells costs, and not what was used. Export the page "Usage".');
  }
  const count = (name: string) => countFrom(row[name], name);
  addCounts(to, {
    day: dayFrom(row.usage_date_utc, 'usage_date_utc'),
    model: row.model_version,
    tier: row.usage_type,
    speed: row.speed,
    counts: {
      input: count('usage_input_tokens_no_cache'),
      cached_input: count('usage_input_tokens_cache_read'),
      // Files from before there were two lifetimes have one column for both.
      cache_write_5m:
        count('usage_input_tokens_cache_write_5m') ?? count('usage_input_tokens_cache_write'),
      cache_write_1h: count('usage_input_tokens_cache_write_1h'),
      output: count('usage_output_tokens'),
      search: count('web_search_count'),
    },
  });
}

function addCounts(
  to: UsageExport,
  line: {
    readonly day: string;
    readonly model: unknown;
    readonly tier: unknown;
    readonly speed: unknown;
    readonly counts: Readonly<Partial<Record<BilledUnit, number | undefined>>>;
  },
): void {
  const model = String(line.model ?? '');
  if (model === '' && Object.values(line.counts).some((it) => it)) {
    throw new ExportFault('It does not tell the models: group it by model (group_by[]=model).');
  }
  const { day, counts, tier, speed } = line;
  // The column of speeds is empty where nothing was fast.
  const told = { units: TOLD, cache: true, tiers: isGiven(tier), speed: speed !== undefined };
  to.add({ day, model, tier: tierOf(tier, speed), counts, requests: undefined, told });
}

/** A fast answer is told by its speed, and charged by the price of `fast`. */
function tierOf(tier: unknown, speed: unknown): string {
  if (speed === 'fast') return 'fast';
  const name = String(tier ?? '').toLowerCase();
  return isStandardTier(name) ? '' : name;
}
