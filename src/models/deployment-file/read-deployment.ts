/** Reads `chit.json`: the providers, and the models on offer with their prices. */
import { closest } from 'fastest-levenshtein';
import { findNodeAtLocation, type Node } from 'jsonc-parser';
import { Value } from 'typebox/value';
import type {
  Deployment,
  EndpointSettings,
  ModelSettings,
  ProviderSettings,
} from '../../core/deployment.ts';
import type { PriceCatalogue } from '../prices/read-price.ts';
import { isOnPrivateNetwork } from '../provider-client/private-network.ts';
import { DeploymentError } from './deployment-error.ts';
import { DeploymentFile, type ModelEntry, type ProviderEntry } from './deployment-schema.ts';
import { type ModelPrices, readPrices, withCatalogueEntries, worthOf } from './prices.ts';
import { kindOf, outputLimitNameOf, unknownMembersOf } from './provider-kinds.ts';
import { readLdap } from './read-ldap.ts';
import { readSignIn } from './read-sign-in.ts';
import { readTools } from './read-tools.ts';
import { type DeploymentFault as Fault, type Path, referenceFaultsOf } from './references.ts';
import { parseText, plainValue, positionOf, withoutByteOrderMark } from './syntax.ts';

/** As the clients of OpenAI and Anthropic wait for an answer that is not streamed. */
const WHOLE_HEADERS_SECONDS = 600;
/** A stream begins at once, so that a provider that is silent for so long has failed. */
const STREAM_HEADERS_SECONDS = 60;

/**
 * Reads a deployment.
 * @param text JSON with optional comments, trailing commas and byte order mark
 * @param source `file` is named in faults; `environment` has the API keys of providers
 * @throws DeploymentError
 */
export function readDeployment(
  text: string,
  source: {
    readonly file: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
    /** Needed if the text has the word "catalogue"; asked too if it has "tokenIsWorth". */
    readonly catalogue?: PriceCatalogue | undefined;
  },
): Deployment {
  const content = withoutByteOrderMark(text);
  const { root, faults: syntaxFaults } = parseText(content);
  const located = (offset: number, reason: string) =>
    `${source.file}:${positionOf(content, offset)}: ${onOneLine(reason)}`;
  if (!root) {
    throw new DeploymentError(syntaxFaults.map(({ offset, reason }) => located(offset, reason)));
  }
  const value: unknown = withCatalogueEntries(plainValue(root));
  const schemaFaults = Value.Check(DeploymentFile, value) ? undefined : schemaFaultsOf(value);
  const faults = schemaFaults ?? referenceFaultsOf(value as DeploymentFile, source.environment);
  const prices = faults.length > 0 ? [] : readPrices(value as DeploymentFile, source, faults);
  const tools = faults.length > 0 ? [] : readTools(value as DeploymentFile, source, faults);
  const ldap = faults.length > 0 ? undefined : readLdap(value as DeploymentFile, source, faults);
  const signIn = faults.length > 0 ? [] : readSignIn(value as DeploymentFile, source, faults);
  if (faults.length > 0) {
    throw new DeploymentError(
      faults.map(({ path, reason }) => located(offsetOf(root, path), `${pathText(path)}${reason}`)),
    );
  }
  const { toolRounds } = value as DeploymentFile;
  return {
    ...deploymentFrom(value as DeploymentFile, source.environment, prices),
    ...(tools.length === 0 ? {} : { tools }),
    ...(ldap === undefined ? {} : { ldap }),
    ...(signIn.length === 0 ? {} : { signIn }),
    ...(toolRounds === undefined ? {} : { toolRounds }),
  };
}

/** What a valid file says, member by member, to compare it with another one. */
export function entriesOf(text: string): unknown {
  const { root } = parseText(withoutByteOrderMark(text));
  return root && plainValue(root);
}

/** The schema violations, as sentences. */
function schemaFaultsOf(value: unknown): Fault[] {
  const errors = Value.Errors(DeploymentFile, value);
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf');
  return errors.flatMap(({ keyword, instancePath, params, message }): Fault[] => {
    const path = instancePath.split('/').slice(1).map(unescaped);
    const details = params as Record<string, unknown>;
    if (keyword === 'boolean' || keyword === 'const') return [];
    const isInUnion = unions.some((it) => instancePath.startsWith(it.instancePath));
    if (isInUnion && keyword !== 'anyOf') return [];
    const schema = schemaAt(path);
    if (keyword === 'additionalProperties') {
      const known = Object.keys(schema.properties ?? {});
      return (details.additionalProperties as string[]).map((name) => ({
        path: [...path, name],
        reason: `there is no such member. Did you mean "${closest(name, known)}"?`,
      }));
    }
    if (keyword === 'required') {
      const names = (details.requiredProperties as string[]).map((name) => `"${name}"`);
      return [{ path, reason: `${names.join(' and ')} is missing.` }];
    }
    if (keyword === 'enum') {
      const choices = (schema.enum ?? []).map((it) => `"${it}"`).join(' or ');
      return [{ path, reason: `it must be ${choices}.` }];
    }
    const isDescribed = keyword === 'pattern' || keyword === 'anyOf';
    const reason = isDescribed
      ? `it must be ${schema.description}.`
      : (limitReason(keyword, details) ?? `it ${message}.`);
    return [{ path, reason }];
  });
}

const TYPES: Readonly<Record<string, string>> = {
  integer: 'a whole number, without quotes',
  number: 'a number, without quotes',
  string: 'text in double quotes',
  boolean: 'true or false',
  array: 'a list in [ ]',
  object: 'an object in { }',
};

/** What a type or a limit of the schema asks for; undefined if it is none of those. */
function limitReason(keyword: string, details: Record<string, unknown>): string | undefined {
  switch (keyword) {
    case 'type':
      return `it must be ${TYPES[String(details.type)] ?? String(details.type)}.`;
    case 'minimum':
      return `it must be at least ${details.limit}.`;
    case 'exclusiveMinimum':
      return `it must be more than ${details.limit}.`;
    case 'minLength':
      return 'it must not be empty.';
    case 'minItems':
      return 'at least one is needed.';
    case 'minProperties':
      return 'it says nothing: at least one member is needed.';
    default:
      return undefined;
  }
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly enum?: readonly string[];
  readonly description?: string;
}

function schemaAt(path: readonly string[]): SchemaNode {
  let schema = DeploymentFile as SchemaNode;
  for (const name of path) {
    const any = Object.values(schema.patternProperties ?? {})[0];
    schema = schema.properties?.[name] ?? schema.items ?? any ?? {};
  }
  return schema;
}

function deploymentFrom(
  { providers = {}, models, defaultModel, aliases = {}, limits = {}, tokenIsWorth }: DeploymentFile,
  environment: Readonly<Record<string, string | undefined>>,
  prices: readonly ModelPrices[],
): Deployment {
  return {
    providers: Object.entries(providers).map(([name, it]) => providerFrom(name, it, environment)),
    models: models.map((model, index) => modelFrom(model, prices[index] as ModelPrices)),
    defaultModel: defaultModel ?? (models[0] as ModelEntry).name,
    aliases,
    limits,
    tokenIsWorth: worthOf(tokenIsWorth),
  };
}

function providerFrom(
  name: string,
  entry: ProviderEntry,
  environment: Readonly<Record<string, string | undefined>>,
): ProviderSettings {
  const { connectTimeoutSeconds = 10, headersTimeoutSeconds, idleTimeoutSeconds = 60 } = entry;
  const endpoints = endpointsOf(entry, environment);
  const [{ baseUrl, apiKey, headers }] = endpoints;
  const { kind = kindOf(baseUrl) } = entry;
  return {
    name,
    family: entry.wire,
    kind,
    unknownMembers: entry.unknownMembers ?? unknownMembersOf(kind),
    baseUrl,
    apiKey,
    headers,
    fetchesUrls: entry.fetchesUrls ?? !endpoints.some((it) => isOnPrivateNetwork(it.baseUrl)),
    ...(entry.endpoints ? { endpoints } : {}),
    outputLimitName: entry.outputLimitName ?? outputLimitNameOf(kind),
    connectTimeoutMs: connectTimeoutSeconds * 1_000,
    headersTimeoutMs: (headersTimeoutSeconds ?? WHOLE_HEADERS_SECONDS) * 1_000,
    streamHeadersTimeoutMs: (headersTimeoutSeconds ?? STREAM_HEADERS_SECONDS) * 1_000,
    idleTimeoutMs: idleTimeoutSeconds * 1_000,
  };
}

/** The endpoints of a provider; each has from the provider what it leaves out. */
function endpointsOf(
  { endpoints = [{}], ...provider }: ProviderEntry,
  environment: Readonly<Record<string, string | undefined>>,
): [EndpointSettings, ...EndpointSettings[]] {
  return endpoints.map((it) => {
    const { baseUrl = '', apiKeyEnv, weight = 1 } = { ...provider, ...it };
    return {
      baseUrl: baseUrl.replace(/\/+$/, ''),
      apiKey: apiKeyEnv === undefined ? undefined : environment[apiKeyEnv],
      headers: { ...provider.headers, ...it.headers },
      weight,
    };
  }) as [EndpointSettings, ...EndpointSettings[]];
}

function modelFrom(
  entry: ModelEntry,
  { price, providerPrice, catalogueName }: ModelPrices,
): ModelSettings {
  const { name, provider, upstream = name, outputTokens } = entry;
  return {
    name,
    provider,
    upstreamModel: upstream,
    price: price.price,
    priceAt: price.priceAt,
    providerPrice: providerPrice?.price,
    providerPriceAt: providerPrice?.priceAt,
    catalogueName,
    contextTokens: entry.contextTokens ?? price.contextTokens,
    outputTokens,
    fallbacks: entry.fallbacks ?? [],
    descriptions: descriptionsOf(entry.description),
    thinks: entry.thinks === 'opened' ? true : entry.thinks,
    opensThinking: entry.thinks === 'opened',
    efforts: entry.effort,
    takesTemperature: entry.temperature,
    usesTools: entry.tools,
    allow: entry.allow ?? 'everyone',
    reads: entry.reads,
    allowUnpriced: entry.allowUnpriced ?? [],
  };
}

/** By language; `''` is for every one. */
function descriptionsOf(description: ModelEntry['description']) {
  return typeof description === 'string' ? { '': description } : description;
}

/** The offset of a member, or of the closest parent that exists. */
function offsetOf(root: Node, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const steps = path.slice(0, length).map((it) => (/^\d+$/.test(String(it)) ? Number(it) : it));
    const node = findNodeAtLocation(root, steps);
    if (node) return node.offset;
  }
  return root.offset;
}

/** `models[2].price.perMessage: `, or nothing for the root. */
function pathText(path: Path): string {
  const text = path.map((it) => (/^\d+$/.test(String(it)) ? `[${it}]` : `.${it}`)).join('');
  return text === '' ? '' : `${text.replace(/^\./, '')}: `;
}

/** Names in the file may contain anything, and a sentence stands in one line of the log. */
function onOneLine(reason: string): string {
  return reason.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (it) => {
    const codePoint = it.codePointAt(0) ?? 0;
    return `\\u{${codePoint.toString(16)}}`;
  });
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
