/** Reads `chit.json`: the providers, and the models on offer with their prices. */
import { closest } from 'fastest-levenshtein';
import {
  findNodeAtLocation,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { Value } from 'typebox/value';
import type { Deployment, ModelSettings, ProviderSettings } from '../core/deployment.ts';

import { kindOf, outputLimitNameOf, unknownMembersOf } from './deployment-file/provider-kinds.ts';

import {
  DeploymentFile,
  type ModelEntry,
  type PriceEntry,
  type ProviderEntry,
} from './deployment-schema.ts';
import { dollarsFrom } from './prices/decimal.ts';
import { type PriceCatalogue, PriceFault, type ReadPrice, readPrice } from './prices/read-price.ts';
import { isOnPrivateNetwork } from './private-network.ts';

/** The `provider` of models that are built in. */
export const OWN_PROVIDERS = ['built-in', 'demo'] as const;

type Path = readonly (string | number)[];

/** An error in the file, and where it is. */
interface Fault {
  readonly path: Path;
  readonly reason: string;
}

/** The file is invalid; the message names every fault with its line. */
export class DeploymentError extends Error {}

/**
 * Reads a deployment.
 * @param text JSON with optional comments and trailing commas
 * @param source `file` is named in faults; `environment` has the API keys of providers
 * @throws DeploymentError
 */
export function readDeployment(
  text: string,
  source: {
    readonly file: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
    /** Needed if the text has the word "catalogue". */
    readonly catalogue?: PriceCatalogue | undefined;
  },
): Deployment {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const located = (offset: number, reason: string) =>
    `${source.file}:${positionOf(text, offset)}: ${reason}`;
  if (errors.length > 0 || !root) {
    const sentences = errors.map(({ error, offset }) =>
      located(offset, printParseErrorCode(error)),
    );
    throw new DeploymentError(sentences.join('\n') || `${source.file} is empty.`);
  }
  const value: unknown = withCatalogueEntries(plainValue(root));
  const schemaFaults = Value.Check(DeploymentFile, value) ? undefined : schemaFaultsOf(value);
  const faults = schemaFaults ?? faultsOf(value as DeploymentFile, source.environment);
  const prices = faults.length > 0 ? [] : readPrices(value as DeploymentFile, source, faults);
  if (faults.length > 0) {
    const sentences = faults.map(({ path, reason }) =>
      located(offsetOf(root, path), `${pathText(path)}${reason}`),
    );
    throw new DeploymentError(sentences.join('\n'));
  }
  return deploymentFrom(value as DeploymentFile, source.environment, prices);
}

function plainValue(node: Node): unknown {
  const children = node.children ?? [];
  if (node.type === 'array') return children.map(plainValue);
  if (node.type !== 'object') return node.value;
  return Object.fromEntries(
    children.map(({ children: [name, value] = [] }) => [name?.value, value && plainValue(value)]),
  );
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
    return [{ path, reason: isDescribed ? `it must be ${schema.description}.` : `it ${message}.` }];
  });
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

/** What a schema cannot check: that names are unique and references exist. */
function faultsOf(
  { providers = {}, models, defaultModel }: DeploymentFile,
  environment: Readonly<Record<string, string | undefined>>,
): Fault[] {
  const names = models.map(({ name }) => name);
  const faults: Fault[] = [];
  const unknown = (path: Path, what: string, name: string, known: readonly string[]) => {
    const nearest = known.length > 0 ? ` Did you mean "${closest(name, known)}"?` : '';
    faults.push({ path, reason: `there is no ${what} "${name}".${nearest}` });
  };
  for (const [name, { apiKeyEnv, baseUrl }] of Object.entries(providers)) {
    if (!URL.canParse(baseUrl)) {
      faults.push({ path: ['providers', name, 'baseUrl'], reason: 'it is not a URL.' });
    }
    if (apiKeyEnv !== undefined && !environment[apiKeyEnv]) {
      const reason = `the environment has no ${apiKeyEnv}.`;
      faults.push({ path: ['providers', name, 'apiKeyEnv'], reason });
    }
  }
  for (const [index, { name, provider, fallbacks = [] }] of models.entries()) {
    const path = ['models', index] as const;
    const knownProviders = [...Object.keys(providers), ...OWN_PROVIDERS];
    if (names.indexOf(name) !== index) {
      faults.push({ path: [...path, 'name'], reason: `there are two models "${name}".` });
    }
    if (!knownProviders.includes(provider)) {
      unknown([...path, 'provider'], 'provider', provider, knownProviders);
    }
    for (const [fallbackIndex, other] of fallbacks.entries()) {
      const fallbackPath = [...path, 'fallbacks', fallbackIndex];
      if (!names.includes(other)) unknown(fallbackPath, 'model', other, names);
      else if (other === name)
        faults.push({ path: fallbackPath, reason: 'it is the model itself.' });
    }
  }
  if (defaultModel !== undefined && !names.includes(defaultModel)) {
    unknown(['defaultModel'], 'model', defaultModel, names);
  }
  return faults;
}

/** `"price": "catalogue"` is short for `"price": { "catalogue": true }`. */
function withCatalogueEntries(value: unknown): unknown {
  const { models } = (value ?? {}) as { models?: unknown };
  if (!Array.isArray(models)) return value;
  for (const model of models as Record<string, unknown>[]) {
    for (const name of ['price', 'providerPrice']) {
      if (model?.[name] === 'catalogue') model[name] = { catalogue: true };
    }
  }
  return value;
}

/** The prices of a model, as they are charged and as its provider takes them. */
interface ModelPrices {
  readonly price: ReadPrice;
  readonly providerPrice: ReadPrice | undefined;
}

/** @param faults receives what is wrong with them */
function readPrices(
  { models, providers = {}, tokenIsWorth }: DeploymentFile,
  { catalogue }: { readonly catalogue?: PriceCatalogue | undefined },
  faults: Fault[],
): ModelPrices[] {
  return models.flatMap((model, index) => {
    const { name, provider, upstream = name } = model;
    const context = {
      baseUrl: providers[provider]?.baseUrl ?? '',
      model: upstream,
      tokenIsWorth: tokenIsWorth === undefined ? undefined : dollarsFrom(tokenIsWorth),
      catalogue,
      nowMs: Date.now(),
    };
    const read = (member: 'price' | 'providerPrice', entry: PriceEntry) => {
      try {
        return readPrice(entry, context);
      } catch (error) {
        if (!(error instanceof PriceFault)) throw error;
        const path = ['models', index, member, ...(error.member ? [error.member] : [])];
        faults.push({ path, reason: error.message });
        return undefined;
      }
    };
    const price = read('price', model.price);
    const providerPrice = model.providerPrice && read('providerPrice', model.providerPrice);
    return price ? [{ price, providerPrice }] : [];
  });
}

function deploymentFrom(
  { providers = {}, models, defaultModel, limits = {} }: DeploymentFile,
  environment: Readonly<Record<string, string | undefined>>,
  prices: readonly ModelPrices[],
): Deployment {
  return {
    providers: Object.entries(providers).map(([name, it]) => providerFrom(name, it, environment)),
    models: models.map((model, index) => modelFrom(model, prices[index] as ModelPrices)),
    defaultModel: defaultModel ?? (models[0] as ModelEntry).name,
    limits,
  };
}

function providerFrom(
  name: string,
  entry: ProviderEntry,
  environment: Readonly<Record<string, string | undefined>>,
): ProviderSettings {
  const { connectTimeoutSeconds = 10, headersTimeoutSeconds = 60, idleTimeoutSeconds = 60 } = entry;
  const { kind = kindOf(entry.baseUrl) } = entry;
  return {
    name,
    family: entry.wire,
    kind,
    unknownMembers: entry.unknownMembers ?? unknownMembersOf(kind),
    baseUrl: entry.baseUrl.replace(/\/+$/, ''),
    apiKey: entry.apiKeyEnv === undefined ? undefined : environment[entry.apiKeyEnv],
    headers: entry.headers ?? {},
    fetchesUrls: entry.fetchesUrls ?? !isOnPrivateNetwork(entry.baseUrl),
    outputLimitName: entry.outputLimitName ?? outputLimitNameOf(kind),
    connectTimeoutMs: connectTimeoutSeconds * 1_000,
    headersTimeoutMs: headersTimeoutSeconds * 1_000,
    idleTimeoutMs: idleTimeoutSeconds * 1_000,
  };
}

function modelFrom(entry: ModelEntry, { price, providerPrice }: ModelPrices): ModelSettings {
  const { name, provider, upstream = name, outputTokens } = entry;
  return {
    name,
    provider,
    upstreamModel: upstream,
    price: price.price,
    priceAt: price.priceAt,
    providerPrice: providerPrice?.price,
    contextTokens: entry.contextTokens ?? price.contextTokens,
    outputTokens,
    fallbacks: entry.fallbacks ?? [],
    allow: entry.allow ?? 'everyone',
    allowUnpriced: entry.allowUnpriced ?? [],
  };
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

function positionOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** `models[2].price.perMessage: `, or nothing for the root. */
function pathText(path: Path): string {
  const text = path.map((it) => (/^\d+$/.test(String(it)) ? `[${it}]` : `.${it}`)).join('');
  return text === '' ? '' : `${text.replace(/^\./, '')}: `;
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
