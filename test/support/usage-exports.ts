/** Exports of usage as providers make them, from usage as Chit books it. */
import type { Usage } from '../../src/core/usage.ts';
import { totalInput, totalOutput } from '../../src/core/usage.ts';

/** What was used of a model by one request. */
export interface UsedModel {
  readonly day: string;
  /** The provider's name for it. */
  readonly model: string;
  readonly usage: Usage;
}

/** A page of OpenAI's usage API, with a bucket for each request. */
export function openAiCompletions(used: readonly UsedModel[]): string {
  const data = used.map(({ day, model, usage: { counts, tier } }) => ({
    object: 'bucket',
    start_time: Date.parse(day) / 1_000,
    end_time: Date.parse(day) / 1_000 + 86_400,
    results: [
      {
        object: 'organization.usage.completions.result',
        input_tokens: totalInput(counts) ?? 0,
        input_cached_tokens: (counts.cached_input ?? 0) + (counts.cached_audio_input ?? 0),
        input_cache_write_tokens: counts.cache_write_5m ?? 0,
        input_cached_audio_tokens: counts.cached_audio_input ?? 0,
        input_audio_tokens: counts.audio_input ?? 0,
        output_tokens: totalOutput(counts) ?? 0,
        output_audio_tokens: counts.audio_output ?? 0,
        num_model_requests: 1,
        model,
        batch: false,
        service_tier: tier ?? 'default',
      },
    ],
  }));
  return JSON.stringify({ object: 'page', data, has_more: false, next_page: null });
}

/** A page of OpenAI's list of searches. */
export function openAiSearches(used: readonly UsedModel[]): string {
  const data = used.map(({ day, model, usage }) => ({
    object: 'bucket',
    start_time: Date.parse(day) / 1_000,
    end_time: Date.parse(day) / 1_000 + 86_400,
    results: [
      {
        object: 'organization.usage.web_searches.result',
        num_model_requests: 1,
        num_requests: usage.counts.search ?? 0,
        model,
      },
    ],
  }));
  return JSON.stringify({ object: 'page', data, has_more: false, next_page: null });
}

/** The CSV file that Anthropic's Console exports. */
export function anthropicCsv(used: readonly UsedModel[]): string {
  const rows = used.map(({ day, model, usage: { counts, tier = 'standard' } }) =>
    [
      day,
      model,
      '"a key, named"',
      tier === 'fast' ? 'standard' : tier,
      counts.input ?? 0,
      counts.cache_write_5m ?? 0,
      counts.cache_write_1h ?? 0,
      counts.cached_input ?? 0,
      counts.output ?? 0,
      counts.search ?? 0,
      tier === 'fast' ? 'fast' : '',
    ].join(','),
  );
  return `${ANTHROPIC_COLUMNS}\n${rows.join('\n')}\n`;
}

const ANTHROPIC_COLUMNS =
  'usage_date_utc,model_version,api_key,usage_type,usage_input_tokens_no_cache,' +
  'usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,' +
  'usage_input_tokens_cache_read,usage_output_tokens,web_search_count,speed';
