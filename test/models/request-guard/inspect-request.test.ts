/** What each member of a request can cost, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChitError } from '../../../src/core/errors.ts';
import { CHAT_COMPLETIONS } from '../../../src/models/provider-apis/chat-completions.ts';
import { EMBEDDINGS } from '../../../src/models/provider-apis/embeddings.ts';
import { MESSAGES } from '../../../src/models/provider-apis/messages.ts';
import type { ProviderApi } from '../../../src/models/provider-apis/provider-api.ts';
import { RESPONSES } from '../../../src/models/provider-apis/responses.ts';
import {
  type GuardRules,
  type InspectedRequest,
  inspectRequest,
  refusalOf,
} from '../../../src/models/request-guard/inspect-request.ts';

const STRICT: GuardRules = {
  pricedUnits: new Set(['input', 'cached_input', 'output', 'cache_write_5m', 'cache_write_1h']),
  pricedTiers: new Set(),
  allowUnpriced: [],
  unknownMembers: 'refuse',
  fetchesUrls: false,
  limitsToolCalls: true,
};

function inspect(api: ProviderApi, body: object | string): InspectedRequest {
  const json = typeof body === 'string' ? body : JSON.stringify(body);
  return inspectRequest(api, { json: Buffer.from(json), value: JSON.parse(json) });
}

/** The code and the member of the refusal; undefined if the request is allowed. */
function refused(api: ProviderApi, body: object | string, changed: Partial<GuardRules> = {}) {
  try {
    const refusal = refusalOf(inspect(api, body), { ...STRICT, ...changed });
    return refusal && [refusal.code, refusal.details.member];
  } catch (error) {
    assert.ok(error instanceof ChitError);
    return [error.code, (error.details as { member: string }).member];
  }
}

const user = (...content: object[]) => ({ messages: [{ role: 'user', content }] });

const SEARCHES: [ProviderApi, object, string][] = [
  [CHAT_COMPLETIONS, { web_search_options: {} }, 'web_search_options'],
  [CHAT_COMPLETIONS, { plugins: [{ id: 'web' }] }, 'plugins[0].id'],
  [CHAT_COMPLETIONS, { search_parameters: { mode: 'on' } }, 'search_parameters'],
  [CHAT_COMPLETIONS, { tools: [{ type: 'openrouter:web_search' }] }, 'tools[0].type'],
  [RESPONSES, { tools: [{ type: 'web_search', filters: null }] }, 'tools[0].type'],
  [
    RESPONSES,
    { tools: [{ type: 'namespace', tools: [{ type: 'web_search' }] }] },
    'tools[0].tools[0].type',
  ],
  [
    RESPONSES,
    { input: [{ type: 'additional_tools', tools: [{ type: 'web_search' }] }] },
    'input[0].tools[0].type',
  ],
  [
    MESSAGES,
    {
      tools: [
        { name: 'x', input_schema: {} },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
    },
    'tools[1].type',
  ],
];

test('a search is allowed where it has a price, or where the deployment allows it without', () => {
  for (const [api, body, member] of SEARCHES) {
    const inspected = inspect(api, body);
    assert.ok(inspected.units.has('search'), member);
    const refusal = refusalOf(inspected, STRICT);
    assert.equal(refusal?.code, 'member_unpriced');
    assert.deepEqual(refusal?.details, {
      member,
      remedy: '"perSearch" in its price or "allowUnpriced": ["web_search"]',
    });
    const pricedUnits = new Set([...STRICT.pricedUnits, 'search' as const]);
    assert.equal(refused(api, body, { pricedUnits }), undefined);
    assert.equal(refused(api, body, { allowUnpriced: ['web_search'] }), undefined);
  }
});

test('the calls of tools that the provider runs are counted as far as the request limits them', () => {
  const search = (most?: number) => ({ type: 'web_search_20250305', max_uses: most });
  /** How often the input is read again, and the most searches. */
  const calls = (api: ProviderApi, body: object) => {
    const { rereads, others } = inspect(api, body);
    return [rereads, others.search];
  };
  const own = { tools: [{ name: 'mine', type: 'custom' }] };
  assert.deepEqual(calls(MESSAGES, own), [0, undefined]);
  // Anthropic answers a call beyond `max_uses` with an error, and stops after ten.
  assert.deepEqual(calls(MESSAGES, { tools: [search(3), search(2)] }), [6, 5]);
  assert.deepEqual(calls(MESSAGES, { tools: [search(30)] }), [10, 30]);
  assert.deepEqual(calls(MESSAGES, { tools: [search(3), search()] }), [10, 10]);
  const filtering = { type: 'web_search_20260209', max_uses: 2 };
  assert.deepEqual(calls(MESSAGES, { tools: [filtering] }), [10, 10]);
  assert.deepEqual(calls(MESSAGES, { mcp_servers: [{ url: 'https://x.y' }] }), [10, undefined]);
  assert.deepEqual(calls(MESSAGES, { compaction: { type: 'auto' } }), [1, undefined]);
  const tools = [{ type: 'web_search' }];
  assert.deepEqual(calls(RESPONSES, { tools }), [10, 10]);
  assert.equal(inspect(RESPONSES, { tools }).unseen, 'tools[0].type');
  assert.deepEqual(calls(RESPONSES, { tools, max_tool_calls: 4 }), [4, 4]);
  const compacting = { context_management: [{ type: 'compaction' }] };
  assert.deepEqual(calls(RESPONSES, { tools, max_tool_calls: 0, ...compacting }), [1, 10]);
  // Once, before the answer; each result may be billed as a search.
  assert.deepEqual(calls(CHAT_COMPLETIONS, { web_search_options: {} }), [1, 10]);
  const ofBroker = { tools: [{ type: 'openrouter:web_search' }] };
  assert.deepEqual(calls(CHAT_COMPLETIONS, ofBroker), [30, 30]);
});

test('tools that nothing limits are limited by Chit, or have to be allowed by name', () => {
  const tools = [{ type: 'mcp' }];
  assert.equal(inspect(RESPONSES, { tools }).toolCalls, 10);
  assert.equal(inspect(RESPONSES, { tools, max_tool_calls: 4 }).toolCalls, undefined);
  assert.equal(inspect(RESPONSES, {}).toolCalls, undefined);
  const compacting = { context_management: [{ type: 'compaction' }] };
  assert.equal(inspect(RESPONSES, compacting).toolCalls, undefined);
  assert.equal(refused(RESPONSES, { tools }), undefined);
  const expected = ['member_unpriced', 'tools[0].type'];
  assert.deepEqual(refused(RESPONSES, { tools }, { limitsToolCalls: false }), expected);
  assert.deepEqual(refused(CHAT_COMPLETIONS, { tools }), expected);
  const allowUnpriced = ['tool_calls'];
  assert.equal(refused(CHAT_COMPLETIONS, { tools }, { allowUnpriced }), undefined);
  assert.equal(inspect(CHAT_COMPLETIONS, { tools }).rereads, 10);
});

test('tiers and regions that a setting at the provider decides are held too', () => {
  const tiersOf = (api: ProviderApi, body: object) => [...inspect(api, body).tiers].sort();
  const open = ['flex', 'performance', 'priority', 'scale', 'ultrafast'];
  assert.deepEqual(tiersOf(CHAT_COMPLETIONS, {}), open);
  assert.deepEqual(tiersOf(RESPONSES, { service_tier: 'auto' }), open);
  assert.deepEqual(tiersOf(MESSAGES, {}), open);
  assert.deepEqual(tiersOf(CHAT_COMPLETIONS, { service_tier: 'default' }), []);
  assert.deepEqual(tiersOf(CHAT_COMPLETIONS, { service_tier: 'fast' }), ['priority']);
  assert.deepEqual(tiersOf(MESSAGES, { service_tier: 'standard_only' }), []);
  assert.deepEqual(tiersOf(MESSAGES, { service_tier: 'standard_only', speed: 'fast' }), ['fast']);
  assert.deepEqual(tiersOf(CHAT_COMPLETIONS, { service_tier: 'flex' }), []);
  assert.deepEqual(tiersOf(EMBEDDINGS, {}), []);
  assert.deepEqual(inspect(MESSAGES, {}).regions, ['us']);
  assert.deepEqual(inspect(MESSAGES, { inference_geo: 'eu' }).regions, ['eu']);
});

test('what stands for input that is not in the body is named', () => {
  const cases: [ProviderApi, object, string][] = [
    [
      CHAT_COMPLETIONS,
      { chat_template: '{% for i in range(9999) %}x{% endfor %}' },
      'chat_template',
    ],
    [CHAT_COMPLETIONS, { google: { cached_content: 'c' } }, 'google.cached_content'],
    [CHAT_COMPLETIONS, user({ image_url: 'x', uuid: 'u' }), 'messages[0].content[0].uuid'],
    [CHAT_COMPLETIONS, user({ type: 'video', video: ['data:a'] }), 'messages[0].content[0].video'],
    [RESPONSES, { previous_response_id: 'resp_1' }, 'previous_response_id'],
    [RESPONSES, { conversation: { id: 'conv_1' } }, 'conversation'],
    [RESPONSES, { prompt: { id: 'pmpt_1' } }, 'prompt'],
    [RESPONSES, { input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input[0].type'],
    [RESPONSES, { input: [{ id: 'msg_1' }] }, 'input[0]'],
    [RESPONSES, { input: [{ type: 'reasoning', id: 'rs_1', content: null }] }, 'input[0]'],
    [RESPONSES, { input: [{ type: 'image_generation_call', id: 'ig_1' }] }, 'input[0]'],
    [RESPONSES, { tools: [{ type: 'mcp', server_url: 'https://x' }] }, 'tools[0].type'],
    [MESSAGES, { mcp_servers: [{ type: 'url', url: 'https://x', name: 'x' }] }, 'mcp_servers'],
    [MESSAGES, { thread: { type: 'continue', previous_message_id: 'm' } }, 'thread'],
    [MESSAGES, { tools: [{ type: 'web_fetch_20260309', name: 'web_fetch' }] }, 'tools[0].type'],
    [EMBEDDINGS, { input: ['a', { image: 'https://x' }] }, 'input[1]'],
  ];
  for (const [api, body, member] of cases) {
    assert.equal(inspect(api, body).unseen, member);
    assert.equal(refused(api, body), undefined);
  }
  const seen = { input: [{ type: 'reasoning', id: 'rs_1', encrypted_content: 'gAAA' }] };
  assert.equal(inspect(RESPONSES, seen).unseen, undefined);
  assert.equal(
    inspect(RESPONSES, { previous_response_id: null, conversation: '' }).unseen,
    undefined,
  );
});

test('a provider on a private network is sent no URLs, unless it may fetch them', () => {
  const url = 'https://example.org/x';
  const cases: [ProviderApi, object, string][] = [
    [CHAT_COMPLETIONS, user({ type: 'image_url', image_url: { url } }), 'image_url.url'],
    [CHAT_COMPLETIONS, user({ type: 'image_url', image_url: url }), 'image_url'],
    [CHAT_COMPLETIONS, user({ image_url: ` ht\ntps:${url}` }), 'image_url'],
    [CHAT_COMPLETIONS, user({ type: 'file', file: { file_data: url } }), 'file.file_data'],
    [
      CHAT_COMPLETIONS,
      user({ type: 'input_audio', input_audio: { data: url } }),
      'input_audio.data',
    ],
    [CHAT_COMPLETIONS, user({ type: 'video_url', video_url: { url } }), 'video_url.url'],
    [CHAT_COMPLETIONS, user({ type: 'document_url', document_url: url }), 'document_url'],
    [MESSAGES, user({ type: 'image', source: { type: 'url', url } }), 'source.url'],
    [MESSAGES, user({ type: 'document', source: { url } }), 'source.url'],
  ];
  const allowUnpriced = ['audio_input'];
  for (const [api, body, member] of cases) {
    const path = `messages[0].content[0].${member}`;
    assert.deepEqual(refused(api, body, { allowUnpriced }), ['url_not_fetched', path]);
    assert.equal(refused(api, body, { allowUnpriced, fetchesUrls: true }), undefined);
  }
  const nested = user({ type: 'tool_result', content: [{ type: 'image', source: { url } }] });
  assert.equal(refused(MESSAGES, nested)?.[0], 'url_not_fetched');
  const output = [{ type: 'function_call_output', output: [{ image_url: url }] }];
  assert.deepEqual(refused(RESPONSES, { input: output }), [
    'url_not_fetched',
    'input[0].output[0].image_url',
  ]);
  for (const other of [
    'http://10.0.0.1/',
    'file:///etc/passwd',
    '\tHTTPS://x',
    'gopher:x',
    './x',
  ]) {
    const body = user({ type: 'image_url', image_url: { url: other } });
    assert.equal(refused(CHAT_COMPLETIONS, body)?.[0], 'url_not_fetched');
  }
  const seen = ['data:image/png;base64,AAAA', '/9j/4AAQSkZJRgABAQAAAQABAAD', 'iVBORw0KGgo='];
  for (const content of seen) {
    const text = { type: 'text', text: url };
    const body = user({ type: 'image_url', image_url: { url: content } }, text);
    assert.equal(refused(CHAT_COMPLETIONS, body), undefined);
  }
});

test('what no usage report tells has to be allowed by name', () => {
  const cases: [ProviderApi, object, string, string][] = [
    [RESPONSES, { background: true }, 'background', 'background'],
    [
      RESPONSES,
      { tools: [{ type: 'code_interpreter', container: 'c' }] },
      'tools[0].type',
      'code_execution',
    ],
    [
      RESPONSES,
      { tools: [{ type: 'shell', environment: { type: 'container_auto' } }] },
      'tools[0].environment.type',
      'code_execution',
    ],
    [
      RESPONSES,
      { tools: [{ type: 'file_search', vector_store_ids: [] }] },
      'tools[0].type',
      'file_search',
    ],
    [CHAT_COMPLETIONS, { models: ['a', 'b'] }, 'models', 'model_choice'],
    [CHAT_COMPLETIONS, { route: 'fallback' }, 'route', 'model_choice'],
    [CHAT_COMPLETIONS, { provider: { order: ['dear'] } }, 'provider', 'provider_choice'],
    [CHAT_COMPLETIONS, { deferred: true }, 'deferred', 'background'],
    [
      CHAT_COMPLETIONS,
      { prediction: { type: 'content', content: 'x' } },
      'prediction',
      'prediction',
    ],
    [
      CHAT_COMPLETIONS,
      { tools: [{ google_search: {} }] },
      'tools[0].google_search',
      'google_tools',
    ],
    [
      CHAT_COMPLETIONS,
      { tools: [{ type: 'openrouter:fusion' }] },
      'tools[0].type',
      'openrouter:fusion',
    ],
    [
      MESSAGES,
      { tools: [{ type: 'advisor_20260301', name: 'advisor', model: 'dear' }] },
      'tools[0].type',
      'advisor',
    ],
    [MESSAGES, { tools: [{ type: 'code_execution_20250825' }] }, 'tools[0].type', 'code_execution'],
    [MESSAGES, { container: 'c' }, 'container', 'code_execution'],
    [MESSAGES, { fallbacks: [{ model: 'dear' }] }, 'fallbacks', 'model_choice'],
    [
      MESSAGES,
      { context_management: { edits: [{ type: 'compact_20260112' }] } },
      'context_management.edits[0].type',
      'compaction',
    ],
  ];
  for (const [api, body, member, feature] of cases) {
    const rules = { unknownMembers: 'pass' } as const;
    assert.deepEqual(refused(api, body, rules), ['member_unpriced', member]);
    assert.equal(refused(api, body, { ...rules, allowUnpriced: [feature] }), undefined, member);
  }
  for (const body of [{ background: false }, { previous_response_id: null }, { prompt: null }]) {
    assert.equal(refused(RESPONSES, body), undefined);
  }
});

test('sound and pictures have units of their own', () => {
  const audio = { type: 'input_audio', input_audio: { data: '//uQxAAA', format: 'mp3' } };
  const units = (api: ProviderApi, body: object) => [...inspect(api, body).units];
  assert.deepEqual(units(CHAT_COMPLETIONS, user(audio)), ['audio_input']);
  assert.deepEqual(units(CHAT_COMPLETIONS, { modalities: ['text', 'audio'] }), ['audio_output']);
  assert.deepEqual(units(CHAT_COMPLETIONS, { modalities: ['text'] }), []);
  const drawing = { tools: [{ type: 'image_generation', quality: 'high' }] };
  assert.deepEqual(units(RESPONSES, drawing), ['image', 'image_output']);
  assert.deepEqual(refused(RESPONSES, drawing), ['member_unpriced', 'tools[0].type']);
});

test('a service tier beyond the usual needs a price of its own', () => {
  const cases: [ProviderApi, object, string][] = [
    [CHAT_COMPLETIONS, { service_tier: 'priority' }, 'priority'],
    // Another name of it, under which no answer reports it.
    [RESPONSES, { service_tier: 'fast' }, 'priority'],
    [RESPONSES, { reasoning: { mode: 'pro' } }, 'pro'],
    [MESSAGES, { speed: 'fast' }, 'fast'],
    [MESSAGES, { inference_geo: 'us' }, 'us'],
  ];
  for (const [api, body, tier] of cases) {
    const { tiers, regions } = inspect(api, body);
    assert.ok([...tiers, ...regions].includes(tier));
    assert.equal(refused(api, body)?.[0], 'member_unpriced');
    assert.equal(refused(api, body, { pricedTiers: new Set([tier]) }), undefined);
  }
  for (const plain of ['auto', 'default', 'flex', null]) {
    assert.equal(refused(CHAT_COMPLETIONS, { service_tier: plain }), undefined);
  }
  assert.equal(refused(MESSAGES, { service_tier: 'standard_only', speed: 'standard' }), undefined);
});

test('cache writes are told by their lifetime, wherever they stand', () => {
  const short = { type: 'ephemeral' };
  const long = { type: 'ephemeral', ttl: '1h' };
  const units = (body: object) => [...inspect(MESSAGES, body).units];
  const block = (cache_control: object) => ({ type: 'text', text: 'x', cache_control });
  assert.deepEqual(units({ system: [block(short)] }), ['cache_write_5m']);
  assert.deepEqual(units({ tools: [{ name: 'x', cache_control: long }] }), ['cache_write_1h']);
  assert.deepEqual(units({ cache_control: short }), ['cache_write_5m']);
  const nested = user({ type: 'tool_result', content: [block(long)] }, block(short));
  assert.deepEqual(units(nested).sort(), ['cache_write_1h', 'cache_write_5m']);
  assert.deepEqual(units(user({ type: 'tool_use', input: { cache_control: long } })), []);
  assert.equal(refused(MESSAGES, nested), undefined);
});

test('numbers and flags are taken by type, and refused by name', () => {
  const wrong = ['5', 1.5, -1, 1e99, true, {}, [], 4_294_967_296];
  const names: [ProviderApi, string][] = [
    [CHAT_COMPLETIONS, 'n'],
    [CHAT_COMPLETIONS, 'max_tokens'],
    [CHAT_COMPLETIONS, 'max_completion_tokens'],
    [RESPONSES, 'max_output_tokens'],
    [RESPONSES, 'max_tool_calls'],
    [MESSAGES, 'max_tokens'],
  ];
  for (const [api, name] of names) {
    for (const value of wrong) {
      assert.deepEqual(refused(api, { [name]: value }), ['member_invalid', name]);
    }
    assert.equal(refused(api, { [name]: 5 }), undefined);
  }
  assert.deepEqual(refused(CHAT_COMPLETIONS, { n: 0 }), ['member_invalid', 'n']);
  assert.deepEqual(refused(CHAT_COMPLETIONS, { n: 129 }), ['member_invalid', 'n']);
  for (const api of [CHAT_COMPLETIONS, RESPONSES, MESSAGES]) {
    for (const value of ['true', 1, {}]) {
      assert.deepEqual(refused(api, { stream: value }), ['member_invalid', 'stream']);
    }
  }
  assert.deepEqual(refused(CHAT_COMPLETIONS, { stream_options: { include_usage: 'no' } }), [
    'member_invalid',
    'stream_options.include_usage',
  ]);
  // OpenAI's description has them nullable, and clients send them so.
  const none = { n: null, max_tokens: null, stream: null, stream_options: null };
  const { answers, outputLimit, isStream } = inspect(CHAT_COMPLETIONS, none);
  assert.deepEqual([answers, outputLimit, isStream], [1, undefined, false]);
  assert.deepEqual(refused(MESSAGES, { max_tokens: null }), ['member_invalid', 'max_tokens']);
  assert.deepEqual(refused(MESSAGES, { stream: null }), ['member_invalid', 'stream']);
});

test('lists and objects that hold costs must be lists and objects', () => {
  const cases: [ProviderApi, object, string][] = [
    [CHAT_COMPLETIONS, { tools: { 0: { type: 'web_search' } } }, 'tools'],
    [CHAT_COMPLETIONS, { messages: { 0: {} } }, 'messages'],
    [CHAT_COMPLETIONS, { messages: [{ content: { type: 'image_url' } }] }, 'messages[0].content'],
    [CHAT_COMPLETIONS, { plugins: ['web'] }, 'plugins[0]'],
    [RESPONSES, { tools: ['web_search'] }, 'tools[0]'],
    [RESPONSES, { tools: [{ type: ['web_search'] }] }, 'tools[0].type'],
    [MESSAGES, { system: { type: 'text' } }, 'system'],
    [MESSAGES, { thinking: 'on' }, 'thinking'],
    [EMBEDDINGS, { input: [[1, '2']] }, 'input[0][1]'],
  ];
  for (const [api, body, member] of cases) {
    assert.deepEqual(refused(api, body), ['member_invalid', member]);
  }
});

test('a member given twice, or under a name that some parsers take for another, is refused', () => {
  assert.deepEqual(refused(CHAT_COMPLETIONS, '{"n":1,"n":100}'), ['member_repeated', 'n']);
  const deep = '{"messages":[{"role":"user","content":[{"type":"text","type":"image_url"}]}]}';
  assert.deepEqual(refused(CHAT_COMPLETIONS, deep), [
    'member_repeated',
    'messages[0].content[0].type',
  ]);
  const lookalikes = [
    'MAX_TOKENS',
    'Max_Tokens',
    'maxTokens',
    'max_to\u212aens',
    'max-tokens',
    'max_tokens\0x',
    'Model',
    'N',
    'ſtream',
    'Tools',
    'N_Predict',
  ];
  for (const name of lookalikes) {
    const rules = { unknownMembers: 'pass' } as const;
    assert.deepEqual(refused(CHAT_COMPLETIONS, { [name]: 1 }, rules), ['member_repeated', name]);
    assert.deepEqual(refused(CHAT_COMPLETIONS, { [name]: null }, rules), ['member_repeated', name]);
  }
  const usage = { stream_options: { Include_Usage: false } };
  assert.deepEqual(refused(CHAT_COMPLETIONS, usage), [
    'member_repeated',
    'stream_options.Include_Usage',
  ]);
  const thinking = { thinking: { type: 'enabled', BUDGET_TOKENS: 9 } };
  assert.deepEqual(refused(MESSAGES, thinking), ['member_repeated', 'thinking.BUDGET_TOKENS']);
  // What the client's own tools call their parameters is nobody's business.
  const properties = { type: {}, Type: {}, model: {}, Model: {} };
  const tools = [{ type: 'function', function: { name: 'x', parameters: { properties } } }];
  assert.equal(refused(CHAT_COMPLETIONS, { tools }), undefined);
});

test('a member never heard of passes only where the deployment lets it', () => {
  const cases: [ProviderApi, object, string][] = [
    [CHAT_COMPLETIONS, { hyperspeed: true }, 'hyperspeed'],
    [RESPONSES, { input: [{ type: 'dream' }] }, 'input[0].type'],
    [MESSAGES, user({ type: 'smell' }), 'messages[0].content[0].type'],
    [CHAT_COMPLETIONS, { tools: [{ type: 'function', surprise: 1 }] }, 'tools[0].surprise'],
    [EMBEDDINGS, { __proto__x: 1 }, '__proto__x'],
  ];
  for (const [api, body, member] of cases) {
    assert.deepEqual(refused(api, body), ['member_unknown', member]);
    const rules = { unknownMembers: 'pass' } as const;
    assert.equal(refused(api, body, rules), undefined);
  }
  assert.deepEqual(refused(CHAT_COMPLETIONS, '{"__proto__":1}'), ['member_unknown', '__proto__']);
});

test('limits behind the back of the API are refused whatever the settings', () => {
  const rules = { unknownMembers: 'pass', allowUnpriced: ['unknown'] } as const;
  const names = ['n_predict', 'num_predict', 'options', 'n_cmpl', 'best_of', 'max_new_tokens'];
  for (const name of names) {
    for (const api of [CHAT_COMPLETIONS, RESPONSES, EMBEDDINGS]) {
      assert.deepEqual(refused(api, { [name]: -1 }, rules), ['member_invalid', name]);
    }
  }
  assert.deepEqual(refused(RESPONSES, { n: 5 }, rules), ['member_invalid', 'n']);
  assert.deepEqual(refused(RESPONSES, { max_tokens: 5 }, rules), ['member_invalid', 'max_tokens']);
  assert.deepEqual(refused(MESSAGES, { n_predict: 5 }, rules), ['member_invalid', 'n_predict']);
});

test('a limit is never cut below the thinking that it has to contain', () => {
  const limits = (api: ProviderApi, body: object) => {
    const { thinking, leastOutput, outputLimit } = inspect(api, body);
    return [thinking?.budget, leastOutput, outputLimit];
  };
  const thinking = { type: 'enabled', budget_tokens: 10_000 };
  assert.deepEqual(limits(MESSAGES, { thinking }), [10_000, 10_001, undefined]);
  assert.deepEqual(limits(MESSAGES, { thinking, max_tokens: 32_000 }), [10_000, 10_001, 32_000]);
  assert.deepEqual(limits(MESSAGES, { thinking, max_tokens: 9 }), [10_000, 9, 9]);
  assert.deepEqual(limits(MESSAGES, { thinking: { type: 'adaptive' } }), [undefined, 1, undefined]);
  const reasoning = { max_tokens: 2_000 };
  assert.deepEqual(limits(CHAT_COMPLETIONS, { reasoning }), [2_000, 2_001, undefined]);
});
