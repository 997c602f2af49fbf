/** The schema of `chit.json`. */
import { type Static, Type } from 'typebox';
import { PROVIDER_KINDS } from './deployment-file/provider-kinds.ts';

const credits = (description: string) => Type.Optional(Type.Integer({ minimum: 0, description }));
const seconds = (byDefault: number, description: string) =>
  Type.Optional(Type.Number({ exclusiveMinimum: 0, default: byDefault, description }));
const closed = { additionalProperties: false } as const;

const ProviderEntry = Type.Object(
  {
    wire: Type.Enum(['openai', 'anthropic']),
    kind: Type.Optional(Type.Enum(PROVIDER_KINDS)),
    baseUrl: Type.String({
      pattern: '^https?://',
      description: 'a URL that starts with http:// or https://',
    }),
    apiKeyEnv: Type.Optional(Type.String({ minLength: 1 })),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    fetchesUrls: Type.Optional(Type.Boolean()),
    unknownMembers: Type.Optional(Type.Enum(['pass', 'refuse'])),
    outputLimitName: Type.Optional(Type.Enum(['max_tokens', 'max_completion_tokens'])),
    connectTimeoutSeconds: seconds(10, 'Time to connect.'),
    headersTimeoutSeconds: seconds(60, 'Time to the first byte of a response.'),
    idleTimeoutSeconds: seconds(60, 'Longest pause within a response.'),
  },
  closed,
);

const PriceEntry = Type.Object(
  {
    perMessage: credits('Per message.'),
    perMillionInput: credits('Per 1M input tokens.'),
    perMillionCachedInput: credits('Per 1M input tokens from the cache of the provider.'),
    perMillionOutput: credits('Per 1M output tokens.'),
  },
  { ...closed, minProperties: 1 },
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
    fallbacks: Type.Optional(Type.Array(Type.String())),
    allow: Type.Optional(
      Type.Union([Type.Literal('everyone'), Type.Literal('staff'), Type.Array(Type.String())], {
        description: '"everyone", "staff" or a list of usernames',
      }),
    ),
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
    limits: Type.Optional(
      Type.Object({ account: Type.Optional(LimitsEntry), key: Type.Optional(LimitsEntry) }, closed),
    ),
  },
  closed,
);

export type DeploymentFile = Static<typeof DeploymentFile>;
export type ProviderEntry = Static<typeof ProviderEntry>;
export type PriceEntry = Static<typeof PriceEntry>;
export type ModelEntry = Static<typeof ModelEntry>;
