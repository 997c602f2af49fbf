/** What counting the input of a request depends on: whose model it is, and which one. */
import type { ProviderKind } from '../../core/deployment.ts';
import type { Reads } from '../../core/files.ts';
import type { Model } from '../catalogue.ts';

/** A model, as far as counting its input depends on it. */
export interface MeasuredModel {
  /** Which server its provider is; undefined for a model that Chit has built in. */
  readonly kind: ProviderKind | undefined;
  /** The provider's name for it; undefined for a model that Chit has built in. */
  readonly upstreamModel: string | undefined;
  /** Input and output together; undefined if not known. */
  readonly contextTokens: number | undefined;
  /** What it is given as it is; nothing if not given. */
  readonly reads?: readonly Reads[] | undefined;
}

/** Whose documents say how a model counts. */
export type Vendor = 'openai' | 'anthropic' | 'gemini' | 'xai' | 'built-in' | 'other';

/** Brokers, and servers that nobody knows, have models of all vendors. */
const VENDOR_OF_KIND: Readonly<Partial<Record<ProviderKind, Vendor>>> = {
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
  if (ofKind) return ofKind;
  const name = plainName(upstreamModel);
  return VENDOR_OF_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}

/** The name of a model without its vendor, which brokers put before it: `openai/gpt-4o`. */
export function plainName(upstreamModel: string): string {
  return upstreamModel.slice(upstreamModel.lastIndexOf('/') + 1).toLowerCase();
}

/** What counting depends on, of a model on offer. */
export function measuredModelOf({ upstream, contextTokens, reads }: Model): MeasuredModel {
  if (!upstream) return { kind: undefined, upstreamModel: undefined, contextTokens, reads };
  const { kind } = upstream.provider.settings;
  return { kind, upstreamModel: upstream.model, contextTokens, reads };
}
