/** The deployment, as staff see it: models, providers and settings. */
import { Type } from 'typebox';
import { NullableString } from '../framework/common-schema.ts';

const Count = Type.Integer();
const NullableCount = Type.Union([Count, Type.Null()]);

const Rate = Type.Object({
  unit: Type.String({ description: '`input`, `output`, `search`, `message`…' }),
  per: Type.Integer({ description: 'For how many of the unit it is: a million or one.' }),
  tokens: Type.Number({ description: 'Tokens of the balance, rounded to six decimals.' }),
  above_input: NullableCount,
});

const AdminPrice = Type.Object(
  {
    per_message: Count,
    per_million_input: Count,
    per_million_cached_input: Count,
    per_million_output: Count,
    rates: Type.Array(Rate, {
      description:
        'All rates; those with `above_input` are for requests with more input than this.',
    }),
    tiers: Type.Record(Type.String(), Type.Number(), {
      description: 'By what the rates are multiplied in service tiers.',
    }),
  },
  { description: 'At present; some providers change their prices by date or hour.' },
);

const UnpricedUnit = Type.Object({
  unit: Type.String({ description: 'A unit, or `tier:NAME` for a service tier.' }),
  count: Type.Integer({ description: 'How many of the unit were used.' }),
  charges: Type.Integer({ description: 'In how many charges.' }),
});

const Health = Type.Object(
  {
    state: Type.Union([Type.Literal('answering'), Type.Literal('failing'), Type.Literal('quiet')]),
    messages: Count,
    failed: Count,
    median_ms: NullableCount,
    by_fallback: Count,
    by_dearer_fallback: Count,
  },
  {
    description:
      'In the last hour or two. `failed` includes failures after which a fallback answered, as ' +
      'far as this server has seen them; `by_fallback` counts those answers, and ' +
      '`by_dearer_fallback` those of them that could cost more than the model itself.',
  },
);

const Rest = Type.Object(
  {
    reason: Type.Union(
      [Type.Literal('account'), Type.Literal('limited'), Type.Literal('failing')],
      {
        description:
          '`account`: the provider refuses the key or the account, and the operator has to act.',
      },
    ),
    status: NullableCount,
    model: NullableString,
    seconds: Count,
  },
  { description: 'Why, for which of its models, and for how long an endpoint is not asked.' },
);

const Endpoint = Type.Object(
  {
    base_url: Type.String(),
    has_key: Type.Boolean(),
    weight: Type.Number(),
    rest: Type.Union([Rest, Type.Null()]),
  },
  { description: 'One address and key, as this server sees it.' },
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
        provider_price: Type.Union([AdminPrice, Type.Null()], {
          description: 'By the file, or else by the catalogue; null if neither says.',
        }),
        unpriced: Type.Array(UnpricedUnit, {
          description: 'What was used in the last seven days and had no price.',
        }),
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
        endpoints: Type.Array(Endpoint),
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
