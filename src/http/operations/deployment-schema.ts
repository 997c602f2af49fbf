/** The deployment, as staff see it: models, providers and settings. */
import { Type } from 'typebox';
import { NullableString } from '../framework/common-schema.ts';

const Count = Type.Integer();
const NullableCount = Type.Union([Count, Type.Null()]);

const AdminPrice = Type.Object({
  per_message: Count,
  per_million_input: Count,
  per_million_cached_input: Count,
  per_million_output: Count,
});

const Health = Type.Object(
  {
    state: Type.Union([Type.Literal('answering'), Type.Literal('failing'), Type.Literal('quiet')]),
    messages: Count,
    failed: Count,
    median_ms: NullableCount,
  },
  {
    description:
      'In the last hour or two. `failed` includes failures after which a fallback answered, as ' +
      'far as this server has seen them.',
  },
);

export const AdminModels = Type.Object(
  {
    models: Type.Array(
      Type.Object({
        name: Type.String(),
        is_default: Type.Boolean(),
        provider: NullableString,
        upstream: NullableString,
        price: AdminPrice,
        provider_price: Type.Union([AdminPrice, Type.Null()]),
        output_limit: Count,
        context_limit: NullableCount,
        fallbacks: Type.Array(Type.String()),
        allow: Type.Union([Type.String(), Type.Array(Type.String())]),
        health: Health,
      }),
    ),
    providers: Type.Array(
      Type.Object({
        name: Type.String(),
        wire: Type.String(),
        kind: Type.String({ description: 'Which server it is: `openai`, `ollama`, `other`…' }),
        base_url: Type.String(),
        has_key: Type.Boolean(),
        health: Health,
      }),
    ),
  },
  { description: 'The configured models and providers, and their health.' },
);

export const AdminSettings = Type.Object(
  {
    settings: Type.Array(
      Type.Object({
        name: Type.String(),
        value: Type.Union([Type.String(), Type.Null()], { description: 'null for a secret.' }),
        source: Type.String(),
        default: Type.String(),
        meaning: Type.String(),
      }),
    ),
    undeclared_proxy: Type.Union([Type.String(), Type.Null()], {
      description: 'A proxy that forwarded requests and is not in CHIT_TRUSTED_PROXIES.',
    }),
  },
  { description: 'Every setting with its effective value.' },
);
