/** Which server a provider is, told from its address. */
import type { ProviderKind } from '../../core/deployment.ts';

/** What is known of a kind of server. */
interface KnownKind {
  /** Its hosts; a name that begins with a dot stands for all hosts below it. */
  readonly hosts: readonly string[];
  /** Its port, where it runs on machines of its users. */
  readonly port?: string;
  /** Where its OpenAI-compatible API begins; undefined if that is not known. */
  readonly openAiPath?: string;
  /** Whether that API is at the root as well. */
  readonly isAlsoAtRoot?: boolean;
}

/**
 * Where the providers' own documentation says that their OpenAI-compatible APIs begin, such as
 * https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle and
 * https://lmstudio.ai/docs/developer/openai-compat.
 */
const KINDS: Readonly<Record<ProviderKind, KnownKind>> = {
  openai: { hosts: ['api.openai.com', '.api.openai.com'], openAiPath: '/v1' },
  azure: {
    hosts: ['.openai.azure.com', '.cognitiveservices.azure.com', '.services.ai.azure.com'],
    openAiPath: '/openai/v1',
  },
  anthropic: { hosts: ['api.anthropic.com'], openAiPath: '/v1' },
  openrouter: { hosts: ['openrouter.ai', '.openrouter.ai'], openAiPath: '/api/v1' },
  gemini: { hosts: ['generativelanguage.googleapis.com'], openAiPath: '/v1beta/openai' },
  xai: { hosts: ['api.x.ai', '.api.x.ai'], openAiPath: '/v1' },
  deepseek: { hosts: ['api.deepseek.com'], openAiPath: '/v1', isAlsoAtRoot: true },
  groq: { hosts: ['api.groq.com'], openAiPath: '/openai/v1' },
  mistral: { hosts: ['api.mistral.ai', 'codestral.mistral.ai'], openAiPath: '/v1' },
  ollama: { hosts: ['ollama.com'], port: '11434', openAiPath: '/v1' },
  'llama.cpp': { hosts: [], openAiPath: '/v1', isAlsoAtRoot: true },
  vllm: { hosts: [], openAiPath: '/v1' },
  lmstudio: { hosts: [], port: '1234', openAiPath: '/v1' },
  other: { hosts: [] },
};

/** All kinds, in the order of the documentation. */
export const PROVIDER_KINDS = Object.keys(KINDS) as ProviderKind[];

/** Kinds whose costs are known member by member, so that members never heard of may pass. */
const PASSING_KINDS: readonly ProviderKind[] = ['openai', 'azure', 'anthropic'];

/** Which server answers at an address; `other` if that cannot be told. */
export function kindOf(baseUrl: string): ProviderKind {
  if (!URL.canParse(baseUrl)) return 'other';
  const { hostname, port } = new URL(baseUrl);
  const found = Object.entries(KINDS).find(
    ([, { hosts, port: usual }]) =>
      hosts.some((it) => (it.startsWith('.') ? hostname.endsWith(it) : hostname === it)) ||
      (usual !== undefined && port === usual),
  );
  return (found?.[0] as ProviderKind | undefined) ?? 'other';
}

/** What becomes of members of a request that Chit has never heard of, unless the file says it. */
export function unknownMembersOf(kind: ProviderKind): 'pass' | 'refuse' {
  return PASSING_KINDS.includes(kind) ? 'pass' : 'refuse';
}

/** OpenAI's newer models reject the old name, and many other servers reject the new one. */
export function outputLimitNameOf(kind: ProviderKind): 'max_tokens' | 'max_completion_tokens' {
  return kind === 'openai' || kind === 'azure' ? 'max_completion_tokens' : 'max_tokens';
}

/** Where an address is likely to be wrong. */
export interface AddressFault {
  /** The address that is probably meant. */
  readonly meant: string;
  /** Whether it may be right all the same, if the file says of which kind the server is. */
  readonly isGuess: boolean;
}

/** The ends of addresses of single requests, which are not where the API begins. */
const ENDPOINT = /\/(?:chat\/completions|completions|responses|embeddings|messages)$/;
/** Servers whose OpenAI-compatible API has no version in its path. */
const AT_ROOT = ['api.perplexity.ai'];

/**
 * What is probably wrong with the path of an address. Requests are sent to it with
 * `/chat/completions` appended for the wire of OpenAI, and `/v1/messages` for that of Anthropic.
 * @param saidKind as the file says it; undefined if it does not
 */
export function addressFaultOf(
  baseUrl: string,
  wire: 'openai' | 'anthropic',
  saidKind: ProviderKind | undefined,
): AddressFault | undefined {
  const url = new URL(baseUrl);
  const path = url.pathname.replace(/\/+$/, '');
  const begin = path.replace(ENDPOINT, '');
  const kind = saidKind ?? kindOf(baseUrl);
  const meant = (pathname: string) => {
    url.pathname = pathname;
    return { meant: url.href.replace(/\/$/, ''), isGuess: wire === 'openai' && kind === 'other' };
  };
  if (wire === 'anthropic') {
    const root = begin.replace(/\/v1$/, '');
    return root === path ? undefined : meant(root);
  }
  if (saidKind === 'other') return undefined;
  const { openAiPath = '/v1', isAlsoAtRoot = AT_ROOT.includes(url.hostname) } = KINDS[kind];
  if (begin !== path) return meant(begin === '' && !isAlsoAtRoot ? openAiPath : begin);
  if (path.endsWith(openAiPath) || (path === '' && isAlsoAtRoot)) return undefined;
  // Other paths may be those of a proxy.
  return openAiPath.startsWith(path) || path === '/v1' ? meant(openAiPath) : undefined;
}
