/** What OpenTelemetry's conventions for generative AI call a provider. */
import type { ProviderSettings } from '../core/deployment.ts';

/**
 * Hosts of the APIs of providers with a name of their own in the registry
 * (https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/), by their end.
 */
const BY_HOST: readonly (readonly [string, string])[] = [
  ['openai.azure.com', 'azure.ai.openai'],
  ['services.ai.azure.com', 'azure.ai.inference'],
  ['api.openai.com', 'openai'],
  ['api.anthropic.com', 'anthropic'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['amazonaws.com', 'aws.bedrock'],
  ['cohere.com', 'cohere'],
  ['cohere.ai', 'cohere'],
  ['deepseek.com', 'deepseek'],
  ['groq.com', 'groq'],
  ['mistral.ai', 'mistral_ai'],
  ['perplexity.ai', 'perplexity'],
  ['x.ai', 'x_ai'],
];

/** The well-known name of a provider, else that of the API that it speaks. */
export function providerNameOf({ baseUrl, family }: ProviderSettings): string {
  const { hostname } = new URL(baseUrl);
  const known = BY_HOST.find(([end]) => hostname === end || hostname.endsWith(`.${end}`));
  return known?.[1] ?? family;
}

/** Where a provider is asked; of several endpoints the first. */
export function serverOf({ baseUrl }: ProviderSettings): { address: string; port: number } {
  const { hostname, port, protocol } = new URL(baseUrl);
  return { address: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}
