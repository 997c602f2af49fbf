/** Paths of the provider APIs that are not served, and why. */
import type { FastifyRequest } from 'fastify';
import { pathOf } from '../framework/gateway-path.ts';
import { HttpError } from '../framework/http-error.ts';

/** What would be kept at the provider, by the path that keeps it. */
const KEPT: readonly (readonly [path: RegExp, what: string])[] = [
  [/^\/v1\/messages\/batches\b/i, 'Batches'],
  [/^\/v1\/batches\b/i, 'Batches'],
  [/^\/v1\/(files|uploads)\b/i, 'Files'],
  [/^\/v1\/skills\b/i, 'Skills'],
  [/^\/v1\/responses\//i, 'Stored responses'],
  [/^\/v1\/chat\/completions\//i, 'Stored completions'],
  [/^\/v1\/conversations\b/i, 'Conversations'],
  [/^\/v1\/(assistants|threads)\b/i, 'Assistants and threads'],
  [/^\/v1\/vector_stores\b/i, 'Vector stores'],
  [/^\/v1\/(fine_tuning|fine-tunes)\b/i, 'Fine-tuned models'],
  [/^\/v1\/containers\b/i, 'Containers'],
  [/^\/v1\/evals\b/i, 'Evaluations'],
  [/^\/v1\/videos\b/i, 'Videos'],
];

/** The error for a path under `/v1/` that is not served. */
export function notOffered(request: FastifyRequest): HttpError<'not_found'> {
  const detail = sentenceFor(request.method, pathOf(request));
  return new HttpError('not_found', { status: 404, detail });
}

function sentenceFor(method: string, path: string): string {
  const kept = KEPT.find(([pattern]) => pattern.test(path));
  if (kept) {
    return (
      `${kept[1]} are not offered here. They would be kept in the account at the provider, which ` +
      'all users of this site share.'
    );
  }
  if (/^\/v1\/realtime\b/i.test(path)) {
    return 'Realtime sessions are not offered here. They bypass the metering of this site.';
  }
  return `There is no ${method} ${shown(path)} here. See /docs/ for the paths that there are.`;
}

/** A path as it may stand in a message: a client may send anything. */
function shown(path: string): string {
  return path.length <= 100 ? path : `${path.slice(0, 100)}…`;
}
