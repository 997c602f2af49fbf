/** What a schema cannot check of `chit.json`: that names are unique, and mean something. */
import { closest } from 'fastest-levenshtein';
import { withoutPassword } from '../../core/hidden-password.ts';
import type { DeploymentFile, ModelEntry, ProviderEntry } from './deployment-schema.ts';
import { addressFaultOf } from './provider-kinds.ts';

/** Where something is in the file: names of members and indices of lists. */
export type Path = readonly (string | number)[];

/** Something that is wrong in the file. */
export interface DeploymentFault {
  readonly path: Path;
  /** A sentence. */
  readonly reason: string;
}

/** The `provider` of models that are built in. */
const OWN_PROVIDERS = ['built-in', 'demo'] as const;
/** What a key must be to be sent: RFC 9110, section 5.5, in ASCII. */
const IN_A_HEADER = /^[\x20-\x7e]*$/;

/** Everything that is wrong in a file that has the right form. */
export function referenceFaultsOf(
  { providers = {}, models, defaultModel, aliases = {} }: DeploymentFile,
  environment: Readonly<Record<string, string | undefined>>,
): DeploymentFault[] {
  const names = models.map(({ name }) => name);
  const knownProviders = [...Object.keys(providers), ...OWN_PROVIDERS];
  return [
    ...Object.entries(providers).flatMap(([name, it]) =>
      providerFaults(it, environment).map(at(['providers', name])),
    ),
    ...models.flatMap((it, index) => [
      ...modelFaults(it, names, knownProviders).map(at(['models', index])),
      ...(names.indexOf(it.name) === index
        ? []
        : [{ path: ['models', index, 'name'], reason: `there are two models "${it.name}".` }]),
    ]),
    ...(defaultModel === undefined ? [] : unknownModel(['defaultModel'], defaultModel, names)),
    ...Object.entries(aliases).flatMap(([alias, name]) =>
      aliasFaults(alias, name, names).map(at(['aliases'])),
    ),
  ];
}

function at(parent: Path): (fault: DeploymentFault) => DeploymentFault {
  return ({ path, reason }) => ({ path: [...parent, ...path], reason });
}

function unknownModel(path: Path, name: string, names: readonly string[]): DeploymentFault[] {
  return names.includes(name) ? [] : [unknown(path, 'model', name, names)];
}

function unknown(
  path: Path,
  what: string,
  name: string,
  known: readonly string[],
): DeploymentFault {
  return { path, reason: `there is no ${what} "${name}". Did you mean "${closest(name, known)}"?` };
}

/** Whether each endpoint of a provider has an address, and the key that it names. */
function providerFaults(
  provider: ProviderEntry,
  environment: Readonly<Record<string, string | undefined>>,
): DeploymentFault[] {
  const { wire, kind, baseUrl, endpoints } = provider;
  const isMissing = { path: [], reason: '"baseUrl" is missing.' };
  const ofEndpoints = (endpoints ?? []).flatMap((it, index) => {
    const hasAddress = (it.baseUrl ?? baseUrl) !== undefined;
    const faults = addressFaults({ ...it, wire, kind }, environment);
    return [...(hasAddress ? [] : [isMissing]), ...faults].map(at(['endpoints', index]));
  });
  const isAlone = endpoints === undefined && baseUrl === undefined;
  return [...(isAlone ? [isMissing] : []), ...addressFaults(provider, environment), ...ofEndpoints];
}

function addressFaults(
  {
    apiKeyEnv,
    baseUrl,
    wire,
    kind,
  }: Pick<ProviderEntry, 'apiKeyEnv' | 'baseUrl' | 'wire'> & {
    readonly kind?: ProviderEntry['kind'] | undefined;
  },
  environment: Readonly<Record<string, string | undefined>>,
): DeploymentFault[] {
  const faults: DeploymentFault[] = [];
  const path = ['baseUrl'];
  if (baseUrl !== undefined && !URL.canParse(baseUrl)) {
    faults.push({ path, reason: 'it is not a URL.' });
  } else if (baseUrl !== undefined) {
    const fault = addressFaultOf(baseUrl, wire, kind);
    if (fault) {
      const unless = fault.isGuess ? ' If it is right as it is, add "kind": "other".' : '';
      const reason =
        wire === 'openai'
          ? 'requests go to this address with /chat/completions after it.'
          : 'requests go to this address with /v1/messages after it.';
      const meant = `Did you mean "${withoutPassword(fault.meant)}"?`;
      faults.push({ path, reason: `${reason} ${meant}${unless}` });
    }
  }
  const key = apiKeyEnv === undefined ? undefined : environment[apiKeyEnv];
  if (apiKeyEnv !== undefined && !key) {
    faults.push({ path: ['apiKeyEnv'], reason: `the environment has no ${apiKeyEnv}.` });
  } else if (key !== undefined && !IN_A_HEADER.test(key)) {
    const reason = `${apiKeyEnv} has a character that no key has, such as "…". Copy it again.`;
    faults.push({ path: ['apiKeyEnv'], reason });
  }
  return faults;
}

function modelFaults(
  { name, provider, fallbacks = [], allow, contextTokens, outputTokens }: ModelEntry,
  names: readonly string[],
  knownProviders: readonly string[],
): DeploymentFault[] {
  const faults: DeploymentFault[] = [];
  if (!knownProviders.includes(provider)) {
    faults.push(unknown(['provider'], 'provider', provider, knownProviders));
  }
  for (const [index, other] of fallbacks.entries()) {
    const path = ['fallbacks', index];
    if (other === name) faults.push({ path, reason: 'it is the model itself.' });
    else faults.push(...unknownModel(path, other, names));
  }
  if (Array.isArray(allow) && allow.length === 0) {
    const reason =
      'an empty list lets nobody use the model. Name users, or leave "allow" out for everyone.';
    faults.push({ path: ['allow'], reason });
  }
  if (outputTokens !== undefined && contextTokens !== undefined && outputTokens > contextTokens) {
    const reason = `it is more than "contextTokens", ${contextTokens}, which output is a part of.`;
    faults.push({ path: ['outputTokens'], reason });
  }
  return faults;
}

function aliasFaults(alias: string, name: string, names: readonly string[]): DeploymentFault[] {
  const path = [alias];
  if (!/^\S{1,200}$/.test(alias)) {
    const reason = `the name "${alias}" must have no white space, and 1 to 200 characters.`;
    return [{ path, reason }];
  }
  if (names.includes(alias)) return [{ path, reason: `there is a model "${alias}" as well.` }];
  return unknownModel(path, name, names);
}
