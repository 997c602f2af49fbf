/** What stands in `chit.json`. */
import { type Static, Type } from 'typebox';

const credits = (description: string) => Type.Optional(Type.Integer({ minimum: 0, description }));
const seconds = (byDefault: number, description: string) =>
  Type.Optional(Type.Number({ exclusiveMinimum: 0, default: byDefault, description }));
const closed = { additionalProperties: false } as const;

const ProviderEntry = Type.Object(
  {
    wire: Type.Enum(['openai', 'anthropic']),
    baseUrl: Type.String({ pattern: '^https?://', description: 'a URL that begins with http' }),
    apiKeyEnv: Type.Optional(Type.String({ minLength: 1 })),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    outputLimitName: Type.Optional(Type.Enum(['max_tokens', 'max_completion_tokens'])),
    connectTimeoutSeconds: seconds(10, 'Until there is a connection.'),
    headersTimeoutSeconds: seconds(60, 'Until the first byte of an answer.'),
    idleTimeoutSeconds: seconds(60, 'Silence in the middle of an answer.'),
  },
  closed,
);

const PriceEntry = Type.Object(
  {
    perMessage: credits('For each message.'),
    perMillionInput: credits('For a million tokens that the model reads.'),
    perMillionCachedInput: credits('For those of them that its provider had in its cache.'),
    perMillionOutput: credits('For a million tokens that the model writes.'),
  },
  { ...closed, minProperties: 1 },
);

const ModelEntry = Type.Object(
  {
    name: Type.String({ pattern: '^\\S{1,200}$', description: 'a name without white space' }),
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
  },
  closed,
);

const limit = (description: string) => Type.Optional(Type.Integer({ minimum: 0, description }));

const LimitsEntry = Type.Object(
  {
    requestsPerMinute: limit('Requests that ask a model, in a minute.'),
    concurrentGenerations: limit('Answers that are being written at the same time.'),
    usageTokensPerMinute: limit('Tokens that models read and write, in a minute.'),
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
