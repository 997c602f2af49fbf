/**
 * Errors in the formats of the provider APIs: OpenAI's `{"error": {message, type, param, code}}`
 * (https://platform.openai.com/docs/guides/error-codes) and Anthropic's
 * `{"type": "error", "error": {type, message}, "request_id"}`
 * (https://docs.claude.com/en/api/errors).
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Interruption } from '../../app/gateway/relay.ts';
import { type ErrorCode, hasCode } from '../../core/errors.ts';
import { errorIn } from '../../models/provider-client/provider-error.ts';
import { corsHeaders } from '../framework/cors.ts';
import { responseTo } from '../framework/errors.ts';
import type { HttpError } from '../framework/http-error.ts';
import { renewalText } from '../framework/limit-errors.ts';
import { keepOpenForBody } from '../framework/linger.ts';
import { type Family, familyOf, idHeaders } from './gateway-family.ts';

interface Shape {
  readonly status: number;
  readonly message: string;
  /** OpenAI's `code`; ours where OpenAI has none. */
  readonly code: string | null;
  /** The member of the request that is at fault. */
  readonly param: string | null;
  /** What was short, how much of it is left, and when it renews: our code and its parameters. */
  readonly missing?: object;
}

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};

const OPENAI_TYPES: Readonly<Record<number, string>> = {
  402: 'insufficient_quota',
  429: 'rate_limit_error',
  503: 'service_unavailable_error',
};

/** OpenAI's codes for what we have codes for too. */
const OPENAI_CODES: Partial<Readonly<Record<ErrorCode, string>>> = {
  insufficient_credits: 'insufficient_quota',
  api_key_budget_exceeded: 'insufficient_quota',
  budget_exceeded: 'insufficient_quota',
  api_key_invalid: 'invalid_api_key',
  user_inactive: 'invalid_api_key',
  rate_limited: 'rate_limit_exceeded',
  too_much_at_once: 'rate_limit_exceeded',
  balance_in_use: 'rate_limit_exceeded',
  method_not_allowed: 'method_not_supported',
  not_found: 'unknown_url',
  server_busy: 'server_is_overloaded',
  internal_error: 'server_error',
};

/** OpenAI's and Anthropic's clients retry after these statuses, where it does not help. */
const NOT_TO_RETRY: ReadonlySet<ErrorCode> = new Set([
  'model_unavailable',
  'idempotency_key_done',
] as const);

/** Answers a request under `/v1/` that failed, in the shape that its client expects. */
export function replyInItsShape(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const response = responseTo(error, request);
  const family = familyOf(request);
  keepOpenForBody(reply);
  reply.headers(response.headers).headers(corsHeaders(request)).headers(idHeaders(request));
  if (NOT_TO_RETRY.has(response.code)) reply.header('x-should-retry', 'false');
  if (hasCode(error, 'model_refused')) {
    const { status, body } = error.details;
    return reply.code(status).send(refusalBody(family, status, body, request.id));
  }
  const shape = shapeOf(error, response);
  return reply.code(shape.status).send(errorBody(family, shape, request.id));
}

const INTERRUPTIONS: Readonly<Record<Interruption, Shape>> = {
  model_failed: {
    status: 502,
    message: 'The model stopped before its reply was complete.',
    code: 'server_error',
    param: null,
  },
  stopped: { status: 400, message: 'The reply was stopped.', code: 'stopped', param: null },
  account_disabled: {
    status: 401,
    message: 'The account was disabled.',
    code: 'invalid_api_key',
    param: null,
  },
  key_ended: {
    status: 401,
    message: 'The API key was deleted or has expired.',
    code: 'invalid_api_key',
    param: null,
  },
};

/** A stream under `/v1/` that has to end with an event for an error. */
export interface BrokenStream {
  readonly path: string;
  readonly request: FastifyRequest;
  /** The last bytes that the client got; undefined if it got none. */
  readonly lastBytes: Uint8Array | undefined;
}

/** The event that ends a stream before the reply is complete, with the reason. */
export function interruptionEvent(stream: BrokenStream, interruption: Interruption): string {
  return errorEvent(stream, INTERRUPTIONS[interruption]);
}

/** The event that ends a stream because of an error, which is logged. */
export function failureEvent(stream: BrokenStream, error: unknown): string {
  return errorEvent(stream, shapeOf(error, responseTo(error, stream.request)));
}

function errorEvent({ path, request, lastBytes }: BrokenStream, shape: Shape): string {
  const data = (body: object) => `data: ${JSON.stringify(body)}\n\n`;
  if (path === '/v1/messages') {
    return `event: error\n${data(errorBody('anthropic', shape, request.id))}`;
  }
  if (path !== '/v1/responses') return data(errorBody('openai', shape, request.id));
  const { message, code, param } = shape;
  const sequence_number = nextSequenceNumber(lastBytes);
  return `event: error\n${data({ type: 'error', code, message, param, sequence_number })}`;
}

/** The number that follows the last one in the events of Responses, which count from 0. */
function nextSequenceNumber(bytes: Uint8Array | undefined): number {
  const events = Buffer.from(bytes ?? []).toString('utf8');
  // Within a string the quotes would be escaped.
  const last = [...events.matchAll(/"sequence_number"\s*:\s*(\d+)/g)].at(-1);
  return last ? Number(last[1]) + 1 : 0;
}

function shapeOf(error: unknown, response: HttpError): Shape {
  const { statusCode: status, code, message, params } = response;
  const openAiCode = OPENAI_CODES[code] ?? (status === 401 ? 'invalid_api_key' : code);
  if (hasCode(error, 'insufficient_credits')) {
    const { neededCredits, availableCredits, fittingOutput, group } = error.details;
    const whose = group ? `the balance of the group "${group.name}"` : 'your balance';
    return {
      // Not 429, after which clients retry: nothing changes until somebody grants more.
      status: 402,
      message:
        `This request needs ${neededCredits} tokens, but only ${availableCredits} of ${whose} ` +
        `are available.${renewalText(error.details)}${fittingText(fittingOutput)}`,
      code: openAiCode,
      param: null,
      missing: { reason: code, ...params },
    };
  }
  if (hasCode(error, 'api_key_budget_exceeded') || hasCode(error, 'budget_exceeded')) {
    const text = message + fittingText(error.details.fittingOutput);
    const missing = { reason: code, ...params };
    return { status, message: text, code: openAiCode, param: null, missing };
  }
  const param = paramOf(error);
  // As Anthropic has it, whose errors have no `param`.
  const isNamed = param !== null && hasCode(error, 'invalid_fields');
  return { status, message: isNamed ? `${param}: ${message}` : message, code: openAiCode, param };
}

function fittingText(outputLimit: number | undefined): string {
  return outputLimit === undefined ? '' : ` A limit of ${outputLimit} output tokens would fit.`;
}

/** Errors about one member of the request. */
const MEMBER_CODES = [
  'input_unseen',
  'member_invalid',
  'member_repeated',
  'member_unpriced',
  'member_unknown',
  'url_not_fetched',
] as const;

function paramOf(error: unknown): string | null {
  const isAboutModel =
    hasCode(error, 'model_missing') ||
    hasCode(error, 'model_not_found') ||
    hasCode(error, 'wire_not_spoken');
  if (isAboutModel) return 'model';
  for (const code of MEMBER_CODES) if (hasCode(error, code)) return error.details.member;
  if (!hasCode(error, 'invalid_fields')) return null;
  const [field = ''] = Object.keys(error.details.fields);
  return field === '' || field === 'non_field_errors' ? null : field.replaceAll('/', '.');
}

/** A provider's own words about the request, in the shape of its API whatever shape they had. */
function refusalBody(family: Family, status: number, body: string, requestId: string): object {
  const { message: told, type, code, param, members } = errorIn(body);
  const message = told || `The provider of the model refused this request with ${status}.`;
  if (family === 'anthropic') {
    const error = { ...members, type: type || anthropicType(status), message };
    return { type: 'error', error, request_id: requestId };
  }
  const shape = { message, type: type || openAiType(status), param: param || null };
  return { error: { ...members, ...shape, code: code || null } };
}

function errorBody(family: Family, shape: Shape, requestId: string): object {
  const { status, message, code, param, missing } = shape;
  if (family === 'openai') {
    return { error: { message, type: openAiType(status), param, code, ...missing } };
  }
  const error = { type: anthropicType(status), message, ...missing };
  return { type: 'error', error, request_id: requestId };
}

function anthropicType(status: number): string {
  return ANTHROPIC_TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
}

function openAiType(status: number): string {
  return OPENAI_TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error');
}
