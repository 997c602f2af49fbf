/** The tables know what OpenAI's and Anthropic's own clients can send, and what others send. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CHAT_COMPLETIONS } from '../../../src/models/provider-apis/chat-completions.ts';
import { COMPLETIONS } from '../../../src/models/provider-apis/completions.ts';
import { EMBEDDINGS } from '../../../src/models/provider-apis/embeddings.ts';
import { IMAGE_EDITS, IMAGES } from '../../../src/models/provider-apis/images.ts';
import { MESSAGES } from '../../../src/models/provider-apis/messages.ts';
import type { ProviderApi } from '../../../src/models/provider-apis/provider-api.ts';
import { RESPONSES } from '../../../src/models/provider-apis/responses.ts';
import { SPEECH } from '../../../src/models/provider-apis/speech.ts';
import { TRANSCRIPTIONS, TRANSLATIONS } from '../../../src/models/provider-apis/transcriptions.ts';
import { inspectRequest, refusalOf } from '../../../src/models/request-guard/inspect-request.ts';

/** The names of the members of an interface in a file of types. */
function membersOf(file: string, name: string): string[] {
  const types = readFileSync(new URL(`../../../node_modules/${file}`, import.meta.url), 'utf8');
  const start = types.search(new RegExp(`export interface ${name}\\b`));
  assert.notEqual(start, -1, name);
  const members = types.slice(start, types.indexOf('\n}', start));
  return [...members.matchAll(/^ {4}(\w+)\??:/gm)].map(([, member]) => member as string);
}

const OPENAI = 'openai/resources';
const ANTHROPIC = '@anthropic-ai/sdk/resources';
const DESCRIBED: [ProviderApi, string, string][] = [
  [
    CHAT_COMPLETIONS,
    `${OPENAI}/chat/completions/completions.d.ts`,
    'ChatCompletionCreateParamsBase',
  ],
  [RESPONSES, `${OPENAI}/responses/responses.d.ts`, 'ResponseCreateParamsBase'],
  [COMPLETIONS, `${OPENAI}/completions.d.ts`, 'CompletionCreateParamsBase'],
  [EMBEDDINGS, `${OPENAI}/embeddings.d.ts`, 'EmbeddingCreateParams'],
  [IMAGES, `${OPENAI}/images.d.ts`, 'ImageGenerateParamsBase'],
  [IMAGE_EDITS, `${OPENAI}/images.d.ts`, 'ImageEditParamsBase'],
  [SPEECH, `${OPENAI}/audio/speech.d.ts`, 'SpeechCreateParams'],
  [TRANSCRIPTIONS, `${OPENAI}/audio/transcriptions.d.ts`, 'TranscriptionCreateParamsBase'],
  [TRANSLATIONS, `${OPENAI}/audio/translations.d.ts`, 'TranslationCreateParams'],
  [MESSAGES, `${ANTHROPIC}/messages/messages.d.ts`, 'MessageCreateParamsBase'],
  [MESSAGES, `${ANTHROPIC}/beta/messages/messages.d.ts`, 'MessageCreateParamsBase'],
];

const RULES = {
  pricedUnits: new Set(['cache_write_5m', 'cache_write_1h'] as const),
  pricedTiers: new Set<never>(),
  allowUnpriced: [],
  unknownMembers: 'refuse',
  fetchesUrls: false,
  limitsToolCalls: true,
} as const;

function inspected(api: ProviderApi, body: object) {
  const json = Buffer.from(JSON.stringify(body));
  return inspectRequest(api, { json, value: body as never });
}

test('every member that the SDKs describe is in a table', () => {
  for (const [api, file, name] of DESCRIBED) {
    const members = membersOf(file, name);
    assert.ok(members.length > 4);
    for (const member of members) {
      let code: string | undefined;
      try {
        code = refusalOf(inspected(api, { [member]: {} }), RULES)?.code;
      } catch (error) {
        // An object is not what most of them take.
        code = (error as { code: string }).code;
      }
      assert.notEqual(code, 'member_unknown', `${api.path}: ${member}`);
    }
  }
});

const ephemeral = { type: 'ephemeral' };

/** What clients send by themselves, as their sources have it. */
const SENT: Record<string, [ProviderApi, object]> = {
  'Claude Code': [
    MESSAGES,
    {
      model: 'claude',
      max_tokens: 32_000,
      stream: true,
      temperature: 1,
      system: [{ type: 'text', text: 'You are …', cache_control: { ...ephemeral, ttl: '1h' } }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'x', cache_control: ephemeral }] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: '…', signature: 's' },
            { type: 'tool_use', id: 't', name: 'Read', input: { type: 'web', url: 'http://x' } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 't',
              is_error: false,
              content: [
                { type: 'text', text: '1' },
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVB' } },
                { type: 'tool_reference', tool_name: 'Read' },
              ],
            },
          ],
        },
      ],
      tools: [
        { name: 'Read', description: 'd', input_schema: { type: 'object' }, defer_loading: true },
        { name: 'Bash', input_schema: {}, eager_input_streaming: true, cache_control: ephemeral },
      ],
      tool_choice: { type: 'auto' },
      metadata: { user_id: 'user_1' },
      thinking: { type: 'enabled', budget_tokens: 31_999 },
      context_management: {
        edits: [{ type: 'clear_thinking_20251015' }, { type: 'clear_tool_uses_20250919' }],
      },
      output_config: { effort: 'high' },
      output_format: { type: 'json_schema', schema: {} },
    },
  ],
  Codex: [
    RESPONSES,
    {
      model: 'gpt',
      instructions: 'You are …',
      input: [
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'x' }] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'x' }] },
        { type: 'reasoning', summary: [], content: null, encrypted_content: 'gAAA' },
        { type: 'function_call', name: 'shell', arguments: '{}', call_id: 'c' },
        { type: 'function_call_output', call_id: 'c', output: 'x' },
        { type: 'custom_tool_call', name: 'apply_patch', input: '*', call_id: 'd', status: 'done' },
        { type: 'custom_tool_call_output', call_id: 'd', output: 'x' },
      ],
      tools: [
        { type: 'function', name: 'shell', description: 'd', strict: false, parameters: {} },
        { type: 'custom', name: 'apply_patch', description: 'd', format: { type: 'grammar' } },
        { type: 'local_shell' },
      ],
      tool_choice: 'auto',
      parallel_tool_calls: false,
      reasoning: { effort: 'medium', summary: 'auto' },
      store: false,
      stream: true,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'k',
      text: { verbosity: 'low' },
      client_metadata: { session: 's' },
    },
  ],
  'Cline, Roo Code and Continue': [
    CHAT_COMPLETIONS,
    {
      model: 'gpt',
      messages: [
        { role: 'system', content: 'x', cache_control: ephemeral },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'x', cache_control: ephemeral },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVB', detail: 'auto' } },
          ],
        },
        { role: 'assistant', content: '', reasoning_content: 'x', tool_calls: [{ id: 'c' }] },
        { role: 'tool', tool_call_id: 'c', content: 'x' },
      ],
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 4_096,
      tools: [{ type: 'function', function: { name: 'x', parameters: {}, strict: true } }],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      reasoning_effort: 'medium',
      stop: null,
    },
  ],
  'LangChain and the Vercel AI SDK': [
    CHAT_COMPLETIONS,
    {
      model: 'gpt',
      messages: [{ role: 'user', content: 'x', name: 'ada' }],
      temperature: null,
      top_p: 1,
      n: 1,
      stream: false,
      max_completion_tokens: null,
      frequency_penalty: 0,
      presence_penalty: 0,
      seed: 1,
      logit_bias: { 50256: -100 },
      logprobs: true,
      top_logprobs: 2,
      user: 'u',
      store: true,
      metadata: { a: 'b' },
      prediction: null,
      service_tier: 'auto',
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'x', schema: {}, strict: true },
      },
      verbosity: 'low',
      prompt_cache_key: 'k',
      safety_identifier: 's',
    },
  ],
  "OpenAI's client": [
    RESPONSES,
    {
      model: 'gpt',
      input: [
        {
          role: 'user',
          content: [{ type: 'input_image', image_url: 'data:image/png;base64,iVB' }],
        },
        { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'output_text' }] },
      ],
      max_output_tokens: 100,
      truncation: 'auto',
      previous_response_id: null,
      background: false,
    },
  ],
  'clients of llama.cpp and vLLM': [
    CHAT_COMPLETIONS,
    {
      model: 'local',
      messages: [{ role: 'user', content: 'x' }],
      cache_prompt: true,
      id_slot: 0,
      top_k: 40,
      min_p: 0.05,
      samplers: ['top_k'],
      timings_per_token: true,
      repeat_penalty: 1,
      reasoning_format: 'auto',
      chat_template_kwargs: { enable_thinking: false },
      guided_json: {},
      grammar: 'root ::= "a"',
      keep_alive: '5m',
    },
  ],
  'clients of embeddings': [
    EMBEDDINGS,
    { model: 'e', input: [[1, 2], [3]], encoding_format: 'base64', dimensions: 256, user: 'u' },
  ],
};

for (const [client, [api, body]] of Object.entries(SENT)) {
  test(`allowed: what is sent by ${client}`, () => {
    const found = inspected(api, body);
    assert.equal(refusalOf(found, RULES), undefined);
    assert.equal(found.unseen, undefined);
  });
}
