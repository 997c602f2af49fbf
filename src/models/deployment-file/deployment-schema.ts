/** The schema of `chit.json`. */
import { type Static, Type } from 'typebox';
import { MAX_CREDITS } from '../../core/credits.ts';
import { EFFORTS } from '../../core/model-options.ts';
import { RATE_NAMES, type RateName } from '../prices/rate-names.ts';
import { LdapEntry } from './ldap-schema.ts';
import { PROVIDER_KINDS } from './provider-kinds.ts';
import { SignInEntry } from './sign-in-schema.ts';

const seconds = (byDefault: number, description: string) =>
  Type.Optional(Type.Number({ exclusiveMinimum: 0, default: byDefault, description }));
const closed = { additionalProperties: false } as const;

/** Where a provider is, and the key for it. */
const address = {
  baseUrl: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: 'a URL that starts with http:// or https://',
    }),
  ),
  apiKeyEnv: Type.Optional(Type.String({ minLength: 1 })),
  headers: Type.Optional(Type.Record(Type.String(), Type.String())),
};

const EndpointEntry = Type.Object(
  { ...address, weight: Type.Optional(Type.Number({ exclusiveMinimum: 0, default: 1 })) },
  closed,
);

const ProviderEntry = Type.Object(
  {
    wire: Type.Enum(['openai', 'anthropic']),
    kind: Type.Optional(Type.Enum(PROVIDER_KINDS)),
    ...address,
    endpoints: Type.Optional(Type.Array(EndpointEntry, { minItems: 1 })),
    fetchesUrls: Type.Optional(Type.Boolean()),
    unknownMembers: Type.Optional(Type.Enum(['pass', 'refuse'])),
    outputLimitName: Type.Optional(Type.Enum(['max_tokens', 'max_completion_tokens'])),
    connectTimeoutSeconds: seconds(10, 'Time to connect.'),
    headersTimeoutSeconds: seconds(600, 'Time to the first byte; of a stream, 60 by default.'),
    idleTimeoutSeconds: seconds(60, 'Longest pause within a response.'),
  },
  closed,
);

const AMOUNT = 'a whole number of tokens of the balance, dollars such as "0.25 USD", or "free"';
const amount = () =>
  Type.Optional(
    Type.Union(
      [
        Type.Integer({ minimum: 0, maximum: MAX_CREDITS }),
        Type.String({ pattern: '^(free|\\d{1,15}(\\.\\d{1,15})? USD)$' }),
      ],
      { description: AMOUNT },
    ),
  );
const RATES = Object.fromEntries(Object.keys(RATE_NAMES).map((name) => [name, amount()])) as Record<
  RateName,
  ReturnType<typeof amount>
>;
const factor = (description: string) => Type.Number({ exclusiveMinimum: 0, description });

const PriceEntry = Type.Object(
  {
    catalogue: Type.Optional(
      Type.Union([Type.Literal(true), Type.String({ minLength: 1 })], {
        description: 'true, or the name of a model in the catalogue',
      }),
    ),
    factor: Type.Optional(factor('By what dollars are multiplied.')),
    ...RATES,
    above: Type.Optional(
      Type.Array(Type.Object({ inputTokens: Type.Integer({ minimum: 1 }), ...RATES }, closed)),
    ),
    tiers: Type.Optional(Type.Record(Type.String(), factor('The factor of a service tier.'))),
  },
  { ...closed, minProperties: 1 },
);

const allow = () =>
  Type.Optional(
    Type.Union([Type.Literal('everyone'), Type.Literal('staff'), Type.Array(Type.String())], {
      description: '"everyone", "staff" or a list of usernames',
    }),
  );

const ToolEntry = Type.Object(
  {
    kind: Type.Optional(Type.Enum(['mcp', 'searxng', 'brave'])),
    url: Type.String({
      pattern: '^https?://',
      description: 'a URL that starts with http:// or https://',
    }),
    apiKeyEnv: Type.Optional(Type.String({ minLength: 1 })),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    headersEnv: Type.Optional(Type.Record(Type.String(), Type.String({ minLength: 1 }))),
    pricePerCall: amount(),
    allow: allow(),
    approval: Type.Optional(Type.Enum(['each', 'never'])),
    only: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
    allowPrivate: Type.Optional(Type.Boolean()),
    timeoutSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 120 })),
  },
  closed,
);

/** The most characters of what a model is good for. */
const DESCRIPTION = 300;
const DescriptionByLanguage = Type.Record(
  Type.String({ pattern: '^[a-z]{2,3}$' }),
  Type.String({ maxLength: DESCRIPTION }),
);

const ModelEntry = Type.Object(
  {
    name: Type.String({
      pattern: '^\\S{1,200}$',
      description: 'a name without white space, of at most 200 characters',
    }),
    provider: Type.String({ minLength: 1 }),
    upstream: Type.Optional(Type.String({ minLength: 1 })),
    price: PriceEntry,
    providerPrice: Type.Optional(PriceEntry),
    contextTokens: Type.Optional(Type.Integer({ minimum: 1 })),
    outputTokens: Type.Optional(Type.Integer({ minimum: 1, default: 4_096 })),
    reads: Type.Optional(Type.Array(Type.Enum(['image', 'pdf']))),
    description: Type.Optional(
      Type.Union([Type.String({ maxLength: DESCRIPTION }), DescriptionByLanguage], {
        description:
          `text of at most ${DESCRIPTION} characters, or an object of such texts by language, ` +
          'such as { "en": "…", "de": "…" }',
      }),
    ),
    thinks: Type.Optional(
      Type.Union([Type.Boolean(), Type.Literal('opened')], {
        description: 'true, false, or "opened" if its prompt template opens <think>',
      }),
    ),
    effort: Type.Optional(Type.Array(Type.Enum([...EFFORTS]))),
    temperature: Type.Optional(Type.Boolean()),
    tools: Type.Optional(Type.Boolean()),
    fallbacks: Type.Optional(Type.Array(Type.String())),
    allow: allow(),
    allowUnpriced: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
  },
  closed,
);

const limit = (description: string) => Type.Optional(Type.Integer({ minimum: 0, description }));

const LimitsEntry = Type.Object(
  {
    requestsPerMinute: limit('Requests to models per minute.'),
    concurrentGenerations: limit('Concurrent replies.'),
    usageTokensPerMinute: limit('Model tokens, input and output, per minute.'),
  },
  closed,
);

export const DeploymentFile = Type.Object(
  {
    providers: Type.Optional(Type.Record(Type.String(), ProviderEntry)),
    models: Type.Array(ModelEntry, { minItems: 1 }),
    defaultModel: Type.Optional(Type.String()),
    aliases: Type.Optional(Type.Record(Type.String(), Type.String())),
    tools: Type.Optional(Type.Record(Type.String(), ToolEntry)),
    ldap: Type.Optional(LdapEntry),
    toolRounds: Type.Optional(Type.Integer({ minimum: 2, maximum: 50 })),
    signIn: Type.Optional(Type.Record(Type.String(), SignInEntry)),
    tokenIsWorth: Type.Optional(
      Type.String({
        pattern: '^(?=.*[1-9])\\d{1,15}(\\.\\d{1,15})? USD$',
        description: 'an amount of dollars such as "0.00001 USD"',
      }),
    ),
    limits: Type.Optional(
      Type.Object({ account: Type.Optional(LimitsEntry), key: Type.Optional(LimitsEntry) }, closed),
    ),
  },
  closed,
);

export type DeploymentFile = Static<typeof DeploymentFile>;
export type ProviderEntry = Static<typeof ProviderEntry>;
export type RateEntries = Readonly<Partial<Record<RateName, number | string>>>;
export type PriceEntry = Static<typeof PriceEntry>;
export type ToolEntry = Static<typeof ToolEntry>;
export type ModelEntry = Static<typeof ModelEntry>;
