/** Providers' exports of usage, in each format. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExport } from '../../../src/app/reconcile/exports/read-export.ts';
import { ExportFault, type UsageExport } from '../../../src/app/reconcile/exports/usage-export.ts';

/** 2026-11-02 and the day after, in seconds. */
const DAY = Date.UTC(2026, 10, 2) / 1_000;
const NEXT = DAY + 86_400;

function read(...texts: string[]): UsageExport {
  return readExport(texts.map((text, index) => ({ name: `file-${index}`, text })));
}

function faultOf(...texts: string[]): string {
  try {
    read(...texts);
  } catch (error) {
    assert.ok(error instanceof ExportFault, String(error));
    return error.message;
  }
  return assert.fail('It was read.');
}

/** Such as `2026-11-02 gpt-5: 2 requests, input 5, output 3 flex`. */
function lines(usage: UsageExport): string[] {
  return [...usage].map(([day, model, { tally, requests }]) => {
    const counts = tally
      .entries()
      .map(({ unit, tier, count }) => `${unit} ${count} ${tier}`.trim());
    const told = requests === undefined ? [] : [`${requests} requests`];
    return `${day} ${model}: ${[...told, ...counts].join(', ')}`;
  });
}

const USED = {
  object: 'organization.usage.completions.result',
  input_tokens: 1_000,
  input_cached_tokens: 300,
  input_cache_write_tokens: 40,
  input_audio_tokens: 10,
  input_cached_audio_tokens: 20,
  output_tokens: 500,
  output_audio_tokens: 7,
  num_model_requests: 4,
  project_id: null,
  model: 'gpt-5-2025-08-07',
  batch: false,
  service_tier: 'default',
};

function openAiPage(results: readonly object[], start = DAY, rest: object = {}): object {
  const bucket = { object: 'bucket', start_time: start, end_time: start + 86_400, results };
  return { object: 'page', data: [bucket], has_more: false, next_page: null, ...rest };
}

test("OpenAI's usage API: counts that overlap are split, and tiers are told", () => {
  const priority = { ...USED, service_tier: 'priority', input_cached_tokens: 0 };
  const usage = read(JSON.stringify(openAiPage([USED, priority])));
  assert.equal(usage.family, 'openai');
  assert.deepEqual(lines(usage), [
    '2026-11-02 gpt-5: 8 requests, input 650, input 930 priority, cached_input 280, ' +
      'cache_write_5m 40, cache_write_5m 40 priority, output 493, output 493 priority, ' +
      'audio_input 10, audio_input 10 priority, cached_audio_input 20, ' +
      'cached_audio_input 20 priority, audio_output 7, audio_output 7 priority',
  ]);
  const { tiers, cache } = usage.told;
  assert.deepEqual([tiers, cache], [true, true]);
});

test('pages may be a list, follow each other, or be in several files', () => {
  const [first, second] = [openAiPage([USED]), openAiPage([USED], NEXT)];
  const asList = read(JSON.stringify([first, second]));
  const asSequence = read(`${JSON.stringify(first)}\n${JSON.stringify(second, null, 2)}\n`);
  const asFiles = read(JSON.stringify(first), `\uFEFF${JSON.stringify(second)}`);
  for (const usage of [asSequence, asFiles]) assert.deepEqual(lines(usage), lines(asList));
  assert.equal(lines(asList).length, 2);
  assert.deepEqual(asList.span, { from: '2026-11-02', to: '2026-11-03' });
  const open = openAiPage([USED], NEXT, { has_more: true });
  assert.deepEqual(
    [read(JSON.stringify([first, open])).isCutOff, read(JSON.stringify([open, first])).isCutOff],
    [true, false],
  );
});

test("OpenAI's other lists tell their own units, and no tiers or cache if they do not", () => {
  const model = 'some-model';
  const result = (api: string, members: object) => ({
    object: `organization.usage.${api}.result`,
    num_model_requests: 2,
    ...members,
  });
  const usage = read(
    JSON.stringify(
      openAiPage([
        result('embeddings', { input_tokens: 9, model: 'embed' }),
        result('images', { images: 3, model }),
        result('audio_speeches', { characters: 50, model }),
        result('audio_transcriptions', { seconds: 60, model }),
        result('web_searches', { num_requests: 5, model }),
        result('file_searches', { num_requests: 6, vector_store_id: null }),
        result('code_interpreter_sessions', { num_sessions: 1 }),
        result('vector_stores', { usage_bytes: 1_000_000 }),
      ]),
    ),
  );
  assert.deepEqual(lines(usage), [
    '2026-11-02 embed: 2 requests, input 9',
    '2026-11-02 some-model: 6 requests, image 3, search 5, second 60, character 50',
    '2026-11-02 : 2 requests, file_search 6, code_session 1',
  ]);
  const { tiers, cache, units } = usage.told;
  assert.deepEqual([tiers, cache, units.has('output')], [false, false, false]);
});

test("the CSV of OpenAI's dashboard has the same names, and rows without use", () => {
  const columns =
    'start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,' +
    'api_key_id,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens';
  const row = (start: number, rest: string) =>
    `${start},${start + 60},2026-11-02T00:00:00+00:00,2026-11-02T00:01:00+00:00,${rest}`;
  const usage = read(
    [
      columns,
      row(DAY, '"proj, ""a""",3.0,key_1,gpt-5-mini-2025-08-07,False,,100,20,40'),
      row(DAY + 60, ',2.0,key_2,gpt-5-mini,False,,10,2,0.0'),
      row(NEXT - 60, ',1.0,key_2,gpt-5-mini,True,,7,3,0'),
      row(NEXT, ',,,,,,,,'),
    ].join('\r\n'),
  );
  assert.deepEqual(lines(usage), [
    '2026-11-02 gpt-5-mini: 6 requests, input 70, input 7 batch, cached_input 40, ' +
      'output 22, output 3 batch',
  ]);
  assert.deepEqual(usage.span, { from: '2026-11-02', to: '2026-11-03' });
  assert.equal(usage.told.tiers, false, 'a batch is no tier');
});

test('a list that was not grouped by tier, or has no cache, tells neither', () => {
  const { tiers, cache } = read(
    JSON.stringify(openAiPage([{ ...USED, service_tier: null, input_cached_tokens: null }])),
  ).told;
  assert.deepEqual([tiers, cache], [false, false]);
  const anthropic = (rest: object) => read(JSON.stringify(anthropicPage([{ ...SPENT, ...rest }])));
  assert.deepEqual(
    [{}, { service_tier: null }, { speed: 'standard' }].map((rest) => {
      const { tiers: isTierTold, speed } = anthropic(rest).told;
      return [isTierTold, speed];
    }),
    [
      [true, false],
      [false, false],
      [true, true],
    ],
  );
});

const SPENT = {
  uncached_input_tokens: 100,
  cache_creation: { ephemeral_1h_input_tokens: 20, ephemeral_5m_input_tokens: 30 },
  cache_read_input_tokens: 400,
  output_tokens: 50,
  server_tool_use: { web_search_requests: 2 },
  api_key_id: null,
  workspace_id: null,
  model: 'claude-sonnet-4-5-20250929',
  service_tier: 'standard',
  context_window: '0-200k',
};

function anthropicPage(results: readonly object[]): object {
  const bucket = { starting_at: '2026-11-02T00:00:00Z', ending_at: '2026-11-03T00:00:00Z' };
  return { data: [{ ...bucket, results }], has_more: false, next_page: null };
}

test("Anthropic's usage API tells cache writes, searches and tiers", () => {
  const others = [
    { ...SPENT, service_tier: 'batch' },
    { ...SPENT, speed: 'fast' },
  ];
  const usage = read(JSON.stringify(anthropicPage([SPENT, ...others])));
  assert.equal(usage.family, 'anthropic');
  const tiers = ['', ' batch', ' fast'];
  const counts = {
    input: 100,
    cached_input: 400,
    cache_write_5m: 30,
    cache_write_1h: 20,
    output: 50,
    search: 2,
  };
  const texts = Object.entries(counts).flatMap(([unit, count]) =>
    tiers.map((tier) => `${unit} ${count}${tier}`),
  );
  assert.deepEqual(lines(usage), [`2026-11-02 claude-sonnet-4-5: ${texts.join(', ')}`]);
});

test("the CSV of Anthropic's Console, with its columns of today and of earlier", () => {
  const today =
    'usage_date_utc,model_version,api_key,workspace,usage_type,context_window,' +
    'usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,' +
    'usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,' +
    'web_search_count,inference_geo,speed\n' +
    '2026-11-02,claude-haiku-4-5-20251001,a key,Default,standard,≤ 200k,9,8,7,6,5,4,global,\n' +
    '2026-11-02 13:00,claude-haiku-4-5-20251001,a key,Default,batch,≤ 200k,1,0,0,0,1,0,global,\n';
  assert.deepEqual(lines(read(today)), [
    '2026-11-02 claude-haiku-4-5: input 9, input 1 batch, cached_input 6, cache_write_5m 8, ' +
      'cache_write_1h 7, output 5, output 1 batch, search 4',
  ]);
  const earlier =
    'usage_date_utc,model_version,usage_input_tokens_no_cache,usage_input_tokens_cache_write,' +
    'usage_input_tokens_cache_read,usage_output_tokens,web_search_count\n' +
    '2026-11-02,claude-haiku-4-5,9,8,6,5,0\n';
  assert.deepEqual(lines(read(earlier)), [
    '2026-11-02 claude-haiku-4-5: input 9, cached_input 6, cache_write_5m 8, output 5',
  ]);
});

test('what is not an export is refused, with what is expected', () => {
  const expected = /^file-0: It must be the JSON of .* or the CSV file of usage/;
  for (const text of ['', 'hello', '[]', '{}', '[1]', '{"data":{}}', '{"data":[1]}', 'a,b\n1,2']) {
    assert.match(faultOf(text), expected, text);
  }
  assert.match(faultOf('{"object":"page","data":[{"results":[1]}]}'), expected);
  assert.match(faultOf('{"object":"page",'), /It is not whole JSON/);
  assert.match(faultOf('start_time,end_time\n"1'), /It is not whole CSV: see what follows line 1/);
  const other = JSON.stringify(anthropicPage([SPENT]));
  assert.match(faultOf(JSON.stringify(openAiPage([USED])), other), /^file-1: .*another provider/);
});

test('an export that cannot be compared says how to ask for one that can', () => {
  const openAi = (result: object) => faultOf(JSON.stringify(openAiPage([result])));
  assert.match(openAi({ ...USED, model: null }), /group it by model \(group_by=model/);
  assert.match(openAi({ object: 'organization.costs.result' }), /costs.*usage\/completions/);
  assert.match(openAi({ ...USED, input_tokens: -1 }), /"input_tokens" must be a whole number/);
  assert.match(openAi({ ...USED, output_tokens: 'many' }), /"output_tokens" must be a whole/);
  const anthropic = (result: object) => faultOf(JSON.stringify(anthropicPage([result])));
  assert.match(anthropic({ ...SPENT, model: null }), /group it by model \(group_by\[\]=model/);
  assert.match(anthropic({ amount: '12', currency: 'USD' }), /costs.*usage_report\/messages/);
  const costs = 'start_time,end_time,amount_value\n1,2,3';
  assert.match(faultOf(costs), /costs.*"Activity"/);
  assert.match(faultOf('usage_date_utc,model_version,cost_usd\n2026-11-02,a,1'), /costs.*"Usage"/);
  assert.match(faultOf('start_time,end_time,model\nlater,never,a'), /"start_time" must be a time/);
});

test('a day without use is covered; an export without days says so', () => {
  assert.deepEqual(read(JSON.stringify(openAiPage([]))).span, {
    from: '2026-11-02',
    to: '2026-11-02',
  });
  assert.equal(read('{"object":"page","data":[]}').span, undefined);
});
