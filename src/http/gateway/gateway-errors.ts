/**
 * Errors in the formats of the provider APIs: OpenAI's `{"error": {message, type, param, code}}`
 * (https://platform.openai.com/docs/guides/error-codes) and Anthropic's
 * `{"type": "error", "error": {type, message}}` (https://docs.claude.com/en/api/errors).
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Interruption } from '../../app/gateway/relay.ts';
import { hasCode } from '../../core/errors.ts';
import type { ProviderApi } from '../../models/provider-apis/provider-api.ts';
import { responseTo } from '../framework/errors.ts';
import type { HttpError } from '../framework/http-error.ts';
import { lingerBeforeClosing } from '../framework/linger.ts';

type Family = ProviderApi['family'];

interface Shape {
  readonly status: number;
  readonly message: string;
  /** OpenAI's `code`. */
  readonly code: string | null;
  /** The member of the request that is at fault. */
  readonly param?: string | null;
}

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};

const OPENAI_CODES: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  429: 'rate_limit_exceeded',
};

/** Answers a request under `/v1/` that failed, in the shape that its client expects. */
export function gatewayErrorHandler(family: Family) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const response = responseTo(error, request);
    reply.removeHeader('connection');
    lingerBeforeClosing(request.raw);
    reply.headers(response.headers);
    if (hasCode(error, 'model_refused')) {
      const { status, body } = error.details;
      return reply.code(status).type('application/json; charset=utf-8').send(body);
    }
    const shape = shapeOf(error, response);
    return reply.code(shape.status).send(errorBody(family, shape));
  };
}

const INTERRUPTIONS: Readonly<Record<Interruption, Shape>> = {
  model_failed: {
    status: 502,
    message: 'The model stopped before its reply was complete.',
    code: 'server_error',
  },
  stopped: { status: 400, message: 'The reply was stopped.', code: 'stopped' },
  account_disabled: { status: 401, message: 'The account was disabled.', code: 'invalid_api_key' },
  key_ended: {
    status: 401,
    message: 'The API key was deleted or has expired.',
    code: 'invalid_api_key',
  },
};

/** The event that ends a stream before the reply is complete, with the reason. */
export function interruptionEvent(path: string, interruption: Interruption): string {
  return errorEvent(path, INTERRUPTIONS[interruption]);
}

/** The event that ends a stream because of an error, which is logged. */
export function failureEvent(path: string, error: unknown, request: FastifyRequest): string {
  return errorEvent(path, shapeOf(error, responseTo(error, request)));
}

function errorEvent(path: string, shape: Shape): string {
  const data = (body: object) => `data: ${JSON.stringify(body)}\n\n`;
  if (path === '/v1/messages') return `event: error\n${data(errorBody('anthropic', shape))}`;
  if (path !== '/v1/responses') return data(errorBody('openai', shape));
  const { message, code } = shape;
  return `event: error\n${data({ type: 'error', code, message, param: null })}`;
}

function shapeOf(error: unknown, { statusCode: status, message }: HttpError): Shape {
  if (hasCode(error, 'insufficient_credits')) {
    const { neededCredits, availableCredits, fittingOutput } = error.details;
    return {
      // Not 429, after which clients retry: nothing changes until somebody grants more.
      status: 402,
      message:
        `This request needs ${neededCredits} tokens, but only ${availableCredits} of your ` +
        `balance are available.${fittingText(fittingOutput)}`,
      code: 'insufficient_quota',
    };
  }
  if (hasCode(error, 'api_key_budget_exceeded')) {
    const text = message + fittingText(error.details.fittingOutput);
    return { status, message: text, code: 'insufficient_quota' };
  }
  if (hasCode(error, 'model_not_found')) return { status, message, code: 'model_not_found' };
  for (const code of MEMBER_CODES) {
    if (hasCode(error, code)) return { status, message, code: null, param: error.details.member };
  }
  return { status, message, code: OPENAI_CODES[status] ?? null };
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

function errorBody(family: Family, { status, message, code, param = null }: Shape): object {
  if (family === 'anthropic') {
    return { type: 'error', error: { type: ANTHROPIC_TYPES[status] ?? 'api_error', message } };
  }
  const type = status >= 500 ? 'server_error' : (code ?? 'invalid_request_error');
  return { error: { message, type, param, code } };
}
