/** The providers, each asked once at every endpoint: it costs nothing. */
import type { Deployment, ProviderSettings } from '../../../core/deployment.ts';
import { type Finding, finding } from '../../../core/doctor.ts';
import { withoutPassword } from '../../../core/hidden-password.ts';
import type { EndpointAnswer } from '../../../models/provider-client/list-models.ts';
import type { Subject } from './subject.ts';

const TIMEOUT_MS = 8_000;
/** `Date` is in whole seconds, and the answer takes its time. */
const CLOCK_SECONDS = 5;
/** Endings by which Anthropic and OpenAI name a model that their lists have under another name. */
const ALIAS = /-latest$/;

/** What each endpoint answers within the time limit, and models that are not there. */
export async function checkProviders(
  { deployment, failingModels }: Pick<Subject, 'deployment' | 'failingModels'>,
  timeoutMs = TIMEOUT_MS,
): Promise<Finding[]> {
  const failing = failingModels.map((model) => finding('model_failing', { model }));
  if (!deployment) return failing;
  if (deployment.providers.length === 0) return [finding('providers_none', {}), ...failing];
  // The HTTP client takes 12 MB, which a deployment without providers does not need.
  const { askEndpoints, hasModel } = await import('../../../models/provider-client/list-models.ts');
  const answers = await Promise.all(
    deployment.providers.map(async (provider) => ({
      provider,
      answers: await askEndpoints(provider, timeoutMs),
    })),
  );
  const found = answers.flatMap(({ provider, answers: its }) => [
    ...its.map((it) => endpointFinding(provider, it)),
    ...(its.every(isUnusable) ? [finding('provider_down', { provider: provider.name })] : []),
    ...unlistedModels(deployment, provider, its, hasModel),
  ]);
  return [...found, ...clockFindings(answers.flatMap((it) => it.answers)), ...failing];
}

function isUnusable({ result }: EndpointAnswer): boolean {
  return result.kind === 'unreachable' || (result.kind === 'refused' && result.isOperators);
}

function endpointFinding(settings: ProviderSettings, answer: EndpointAnswer): Finding {
  const { endpoint, ms, result } = answer;
  const of = { provider: settings.name, endpoint };
  switch (result.kind) {
    case 'listed':
      return finding('provider_ok', { ...of, models: result.models.size, ms });
    case 'unlisted':
      return finding('provider_unlisted', { ...of, status: result.status });
    case 'unreachable': {
      const baseUrl = settings.endpoints?.[endpoint - 1]?.baseUrl ?? settings.baseUrl;
      const url = withoutPassword(baseUrl);
      return finding('provider_unreachable', { ...of, url, reason: result.reason });
    }
    case 'refused': {
      const { status, reason } = result;
      const code = result.isOperators ? 'provider_key_refused' : 'provider_refused';
      return finding(code, { ...of, status, reason });
    }
  }
}

function unlistedModels(
  { models }: Deployment,
  { name: provider }: ProviderSettings,
  answers: readonly EndpointAnswer[],
  hasModel: (models: ReadonlySet<string>, name: string) => boolean,
): Finding[] {
  const lists = answers.flatMap(({ result }) =>
    result.kind === 'listed' && result.isWhole ? [result.models] : [],
  );
  // What one endpoint lacks another may have.
  if (lists.length === 0 || lists.length < answers.length) return [];
  return models
    .filter((it) => it.provider === provider && !ALIAS.test(it.upstreamModel))
    .filter(({ upstreamModel }) => !lists.some((list) => hasModel(list, upstreamModel)))
    .map(({ name: model, upstreamModel: upstream }) =>
      finding('model_unlisted', { model, provider, upstream }),
    );
}

function clockFindings(answers: readonly EndpointAnswer[]): Finding[] {
  const differing = answers.filter(
    ({ clockAheadSeconds: it }) => it !== undefined && Math.abs(it) > CLOCK_SECONDS,
  );
  const [first] = differing;
  const asked = answers.filter(({ clockAheadSeconds: it }) => it !== undefined);
  // If most of them agree with this machine, it is the clock of one provider that is wrong.
  if (!first || differing.length * 2 < asked.length) return [];
  const seconds = Math.round(first.clockAheadSeconds ?? 0);
  return [finding('clock_off_provider', { host: first.host, seconds })];
}
