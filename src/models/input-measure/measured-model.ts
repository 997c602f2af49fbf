/** What counting the input of a request depends on: whose model it is, and which one. */
import type { Model } from '../catalogue.ts';

/** A model, as far as counting its input depends on it. */
export interface MeasuredModel {
  /** Which server its provider is, as `kind` in `chit.json`; undefined if that is not known. */
  readonly kind: string | undefined;
  /** The provider's name for it; undefined for a model that Chit has built in. */
  readonly upstreamModel: string | undefined;
  /** Input and output together; undefined if not known. */
  readonly contextTokens: number | undefined;
}

/** Whose documents say how a model counts. */
export type Vendor = 'openai' | 'anthropic' | 'gemini' | 'xai' | 'built-in' | 'other';

const VENDOR_OF_KIND: Readonly<Record<string, Vendor>> = {
  openai: 'openai',
  azure: 'openai',
  anthropic: 'anthropic',
  gemini: 'gemini',
  xai: 'xai',
  deepseek: 'other',
  groq: 'other',
  mistral: 'other',
  ollama: 'other',
  'llama.cpp': 'other',
  vllm: 'other',
  lmstudio: 'other',
};

const VENDOR_OF_HOST: readonly (readonly [RegExp, Vendor])[] = [
  [/(^|\.)openai\.(com|azure\.com)$/, 'openai'],
  [/(^|\.)anthropic\.com$/, 'anthropic'],
  [/(^|\.)googleapis\.com$/, 'gemini'],
  [/(^|\.)x\.ai$/, 'xai'],
];

const VENDOR_OF_NAME: readonly (readonly [RegExp, Vendor])[] = [
  [/^(?:anthropic\.)?claude/, 'anthropic'],
  [/^gpt-oss/, 'other'],
  [/^(?:gpt-|chatgpt-|o\d|codex-|computer-use|text-embedding-)/, 'openai'],
  [/^gemini-/, 'gemini'],
  [/^grok-/, 'xai'],
];

/** Whose formulas apply to a model: by the kind of its provider, or else by its name. */
export function vendorOf({ kind, upstreamModel }: MeasuredModel): Vendor {
  if (upstreamModel === undefined) return 'built-in';
  const ofKind = kind === undefined ? undefined : VENDOR_OF_KIND[kind];
  return ofKind ?? matching(VENDOR_OF_NAME, plainName(upstreamModel)) ?? 'other';
}

/** The name of a model without its vendor, which brokers put before it: `openai/gpt-4o`. */
export function plainName(upstreamModel: string): string {
  return upstreamModel.slice(upstreamModel.lastIndexOf('/') + 1).toLowerCase();
}

/** What counting depends on, of a model on offer. */
export function measuredModelOf({ upstream, contextTokens }: Model): MeasuredModel {
  if (!upstream) return { kind: undefined, upstreamModel: undefined, contextTokens };
  const { settings } = upstream.provider;
  const host = URL.canParse(settings.baseUrl) ? new URL(settings.baseUrl).hostname : '';
  const kind = matching(VENDOR_OF_HOST, host);
  return { kind, upstreamModel: upstream.model, contextTokens };
}

function matching(
  patterns: readonly (readonly [RegExp, Vendor])[],
  text: string,
): Vendor | undefined {
  return patterns.find(([pattern]) => pattern.test(text))?.[1];
}
