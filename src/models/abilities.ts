/** What models can be given beside text, where `chit.json` does not say. */
import type { ProviderKind } from '../core/deployment.ts';
import type { Reads } from '../core/files.ts';
import { plainName } from './input-measure/measured-model.ts';

/** A model, as far as what it reads depends on it. */
interface NamedModel {
  readonly kind: ProviderKind | undefined;
  readonly upstreamModel: string;
  readonly contextTokens: number | undefined;
  /** `reads` of its entry in `chit.json`. */
  readonly reads: readonly Reads[] | undefined;
}

/**
 * Models that see pictures, by their names: OpenAI's, Anthropic's, Google's and xAI's lists of
 * models, and the cards of open ones.
 */
const SEES: readonly RegExp[] = [
  /^(gpt-4o|gpt-4\.1|gpt-4\.5|gpt-4-turbo|gpt-[5-9]|chatgpt-4o|computer-use)/,
  /^o(1|3|4-mini)($|-pro|-\d{4}|-deep)/,
  /^(anthropic\.)?claude-(?!2|instant)/,
  /^gemini-/,
  /^grok-(2-vision|[4-9])/,
  /^pixtral|^magistral-.*-(250[7-9]|251|latest)/,
  /^mistral-(small|medium|large)-(2[5-9]|3|latest)/,
  /^(mistral-small3\.[1-9]|ministral-3)/,
  /^gemma-?(3|4)(?!.*(:|-)(1b|270m))/,
  /^llama-?(4|3\.2-vision|3\.2-(11|90)b)/,
  /(^|[-.:])(vl|vision|llava|bakllava|moondream|minicpm-v|internvl)\d*([-.:]|$)/,
  /^(qwen[\d.]*-?vl|llava|moondream|minicpm-v|internvl|glm-4\.\d+v)/,
  /^phi-(3|3\.5|4)-(vision|multimodal)/,
];
/** Relatives of them that hear or speak instead. */
const HEARS = /audio|realtime|-tts|transcribe|embedding/;
/**
 * Providers whose API takes PDF files themselves
 * (https://platform.openai.com/docs/guides/pdf-files,
 * https://platform.claude.com/docs/en/build-with-claude/pdf-support). Brokers have them read by
 * something else, which costs extra.
 */
const TAKE_PDF: ReadonlySet<ProviderKind | undefined> = new Set<ProviderKind>([
  'openai',
  'anthropic',
]);

/**
 * What a model can be given as it is. A PDF file has no bound but the context, so that without
 * `contextTokens` its text is given instead.
 */
export function readsOf(model: NamedModel): readonly Reads[] {
  const { kind, upstreamModel, contextTokens } = model;
  const known = model.reads ?? knownReads(kind, plainName(upstreamModel));
  return contextTokens === undefined ? known.filter((it) => it !== 'pdf') : known;
}

function knownReads(kind: ProviderKind | undefined, name: string): readonly Reads[] {
  if (HEARS.test(name) || !SEES.some((pattern) => pattern.test(name))) return [];
  return TAKE_PDF.has(kind) ? ['image', 'pdf'] : ['image'];
}
