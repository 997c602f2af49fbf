/** Which of the two provider APIs a request under `/v1/` belongs to. */
import type { FastifyRequest } from 'fastify';
import type { ProviderApi } from '../../models/provider-apis/provider-api.ts';
import { pathOf } from '../framework/gateway-path.ts';

export type Family = ProviderApi['family'];

/** What follows `/v1/` where only one of the APIs has it. */
const ANTHROPIC = new Set(['complete', 'messages', 'skills']);
const OPENAI = new Set([
  'assistants',
  'audio',
  'batches',
  'chat',
  'completions',
  'containers',
  'conversations',
  'embeddings',
  'evals',
  'fine_tuning',
  'images',
  'moderations',
  'realtime',
  'responses',
  'threads',
  'uploads',
  'vector_stores',
  'videos',
]);

/**
 * The API that a request is made in: by its path where only one of them has it, else by the headers
 * that Anthropic's clients send with every request.
 */
export function familyOf(request: FastifyRequest): Family {
  const [, , first = ''] = pathOf(request).toLowerCase().split('/', 3);
  if (ANTHROPIC.has(first)) return 'anthropic';
  if (OPENAI.has(first)) return 'openai';
  const { headers } = request;
  return 'anthropic-version' in headers || 'x-api-key' in headers ? 'anthropic' : 'openai';
}

/** The headers by which a request can be found in the log: Anthropic's clients look for another. */
export function idHeaders(request: FastifyRequest): Record<string, string> {
  const { id } = request;
  return familyOf(request) === 'anthropic'
    ? { 'x-request-id': id, 'request-id': id }
    : { 'x-request-id': id };
}
