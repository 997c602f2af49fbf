/**
 * Whatever the body — members doubled, in other case, unknown, of another type — it is refused, or
 * each member that costs was found, and all parsers read the model and limits that Chit has set.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChitError } from '../../../src/core/errors.ts';
import { CHAT_COMPLETIONS } from '../../../src/models/provider-apis/chat-completions.ts';
import { MESSAGES } from '../../../src/models/provider-apis/messages.ts';
import type { ProviderApi } from '../../../src/models/provider-apis/provider-api.ts';
import { RESPONSES } from '../../../src/models/provider-apis/responses.ts';
import { setMembers } from '../../../src/models/provider-apis/set-members.ts';
import {
  type InspectedRequest,
  inspectRequest,
  refusalOf,
} from '../../../src/models/request-guard/inspect-request.ts';
import { parseWritten, WrittenObject } from '../../support/json-parsers.ts';

interface Member {
  readonly name: string;
  readonly value: unknown;
  /** The feature that the member has to be found to use; undefined if it costs nothing. */
  readonly costs?: string;
}

const member = (name: string, value: unknown, costs?: string): Member =>
  costs === undefined ? { name, value } : { name, value, costs };

const blockOf = (block: object) => [
  { role: 'user', content: [{ type: 'text', text: 'x' }, block] },
];

/** Members of each API, and the features that they have to be found to use. */
const MEMBERS: [ProviderApi, string[], Member[]][] = [
  [
    CHAT_COMPLETIONS,
    ['model', 'max_tokens', 'n', 'stream'],
    [
      member('n', 3),
      member('max_tokens', 0),
      member('max_tokens', 7),
      member('max_completion_tokens', 8),
      member('stream', true),
      member('temperature', 0.5),
      member('messages', blockOf({ type: 'image_url', image_url: { url: 'http://x' } }), 'url'),
      member(
        'messages',
        blockOf({ type: 'input_audio', input_audio: { data: 'AA' } }),
        'audio_input',
      ),
      member('web_search_options', {}, 'web_search'),
      member('models', ['dear'], 'model_choice'),
      member('service_tier', 'priority', 'service_tier'),
      member('modalities', ['text', 'audio'], 'audio_output'),
      member('tools', [{ type: 'web_search' }], 'web_search'),
    ],
  ],
  [
    RESPONSES,
    ['model', 'max_output_tokens', 'stream'],
    [
      member('max_output_tokens', 9),
      member('stream', true),
      member('background', true, 'background'),
      member('previous_response_id', 'r', 'unseen'),
      member('tools', [{ type: 'function' }, { type: 'image_generation' }], 'image_generation'),
      member('input', [{ type: 'item_reference', id: 'i' }], 'unseen'),
    ],
  ],
  [
    MESSAGES,
    ['model', 'max_tokens', 'stream'],
    [
      member('max_tokens', 9),
      member('stream', false),
      member('speed', 'fast', 'speed'),
      member('cache_control', { type: 'ephemeral', ttl: '1h' }, 'cache_write'),
      member('messages', blockOf({ source: { type: 'url', url: 'http://x' } }), 'url'),
      member('tools', [{ type: 'web_search_20250305' }], 'web_search'),
      member('mcp_servers', [{ type: 'url', url: 'http://x' }], 'unseen'),
    ],
  ],
];

const otherCase = fc.func(fc.boolean());
const oddValue = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  fc.constantFrom('5', 1.5, -1, 1e300, 'true', {}, [], null),
);

/** A body as text, with the members of which it consists. */
const request = fc.constantFrom(...MEMBERS).chain(([api, controls, members]) => {
  const written = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...members) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(...members), otherCase).map(([it, isUpper]) => {
        const letters = [...it.name].map((letter, index) =>
          isUpper(index) ? letter.toUpperCase() : letter,
        );
        return { ...it, name: letters.join('') };
      }),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...members), oddValue)
        .map(([{ name }, value]) => ({ name, value })),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        name: fc.constantFrom('n_predict', 'maxTokens', 'new'),
        value: oddValue,
      }),
    },
  );
  return fc.array(written, { maxLength: 6 }).map((list) => {
    const all: Member[] = [{ name: 'model', value: 'asked' }, ...list];
    const texts = all.map(
      ({ name, value }) => `${JSON.stringify(name)} : ${JSON.stringify(value)}`,
    );
    return { api, controls, members: all, json: `{${texts.join(' , ')}}` };
  });
});

const ALLOWING = {
  pricedUnits: new Set<never>(),
  pricedTiers: new Set<never>(),
  unknownMembers: 'pass',
  fetchesUrls: true,
  limitsToolCalls: true,
} as const;

/** What was found in a request; undefined if it is refused whatever the deployment allows. */
function inspected(api: ProviderApi, json: string): InspectedRequest | undefined {
  try {
    const found = inspectRequest(api, { json: Buffer.from(json), value: JSON.parse(json) });
    const allowUnpriced = found.concerns.map(({ feature }) => feature);
    assert.equal(refusalOf(found, { ...ALLOWING, allowUnpriced }), undefined);
    return found;
  } catch (error) {
    if (error instanceof ChitError) return undefined;
    throw error;
  }
}

test('it is refused, or what costs was found and all parsers read the same', () => {
  let passed = 0;
  fc.assert(
    fc.property(request, fc.constantFrom('max_tokens', 'max_completion_tokens'), (it, name) => {
      const { api, controls, members, json } = it;
      const found = inspected(api, json);
      if (!found) return;
      passed += 1;
      const features = found.concerns.map(({ feature }) => feature);
      if (found.unseen !== undefined) features.push('unseen');
      for (const { costs } of members) assert.ok(costs === undefined || features.includes(costs));
      const set = api.overrides(JSON.parse(json), {
        model: 'ours',
        outputLimit: 5,
        kind: 'other',
        outputLimitName: name,
      });
      const sent = parseWritten(Buffer.concat(setMembers(Buffer.from(json), set)).toString('utf8'));
      assert.ok(sent instanceof WrittenObject);
      const expected: Record<string, unknown> = {
        model: 'ours',
        stream: found.isStream || undefined,
      };
      if (controls.includes('n')) expected.n = found.answers === 1 ? undefined : found.answers;
      expected[api === CHAT_COMPLETIONS ? name : (controls[1] as string)] = 5;
      for (const control of [...controls, 'max_tokens', 'max_completion_tokens', 'n_predict']) {
        const reads = ['last', 'first', 'withoutCase', 'inTwoSpellings'] as const;
        for (const read of reads) {
          const plain: unknown = sent[read](control) ?? undefined;
          const value: unknown =
            plain === false || (control === 'n' && plain === 1) ? undefined : plain;
          assert.equal(value, expected[control], `${read} ${control} of ${json}`);
        }
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(passed > 300, `${passed}`);
});
