/**
 * The one place where errors become statuses. The bodies are those of Django REST Framework and
 * Simple JWT, which clients of the original know.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ChitError, type ErrorCode, type ErrorDetails } from '../../core/errors.ts';
import type { RateLimitState } from '../../core/rate-limit-state.ts';
import { isDatabaseUnavailable } from '../../store/database/unavailable.ts';
import { HttpError } from './http-error.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';

/** RFC 6750, section 3: every 401 names the scheme that would be accepted. */
const CHALLENGE = { 'www-authenticate': 'Bearer realm="api"' };
/** A disk that is full or busy may be free again soon. */
const LEDGER_RETRY_SECONDS = 1;
/** About as long as it takes to work off the line. */
const OVERLOAD_RETRY_SECONDS = 30;
/** Most replies take seconds. */
const RUNNING_RETRY_SECONDS = 1;

type Mapping = { [Code in ErrorCode]: (details: ErrorDetails[Code]) => HttpError };

const DOMAIN_ERRORS: Mapping = {
  invalid_fields: ({ fields }) => new HttpError(400, fields),
  username_taken: () => new HttpError(400, { error: 'Username already exists' }),
  invalid_credentials: () => new HttpError(400, { error: 'Invalid credentials' }),
  signup_closed: () =>
    detail(403, 'Sign-up is closed. Ask the people who run this site for an account.'),
  throttled: ({ retryAfterSeconds }) =>
    new HttpError(
      429,
      {
        detail: `Request was throttled. Expected available in ${retryAfterSeconds} ${
          retryAfterSeconds === 1 ? 'second' : 'seconds'
        }.`,
      },
      { 'retry-after': String(retryAfterSeconds) },
    ),
  rate_limited: ({ exceeded, states, retryAfterSeconds }) =>
    new HttpError(
      429,
      { detail: sentenceOf(exceeded) },
      { 'retry-after': String(retryAfterSeconds), ...rateLimitHeaders(states) },
    ),
  credentials_missing: () => unauthorized('Authentication credentials were not provided.'),
  authorization_header_malformed: ({ message }) =>
    unauthorized(message, 'bad_authorization_header'),
  api_key_invalid: () =>
    unauthorized('This needs an API key that is valid. POST /api/keys/ makes one.'),
  api_key_not_found: () => detail(404, 'There is no such key.'),
  too_many_api_keys: ({ most }) =>
    detail(400, `An account has ${most} keys at most. Delete one that is not used any more.`),
  access_token_invalid: ({ message }) =>
    new HttpError(
      401,
      {
        detail: 'Given token not valid for any token type',
        code: 'token_not_valid',
        messages: [{ token_class: 'AccessToken', token_type: 'access', message }],
      },
      CHALLENGE,
    ),
  token_invalid: ({ message }) => unauthorized(message, 'token_not_valid'),
  token_without_user: () =>
    unauthorized('Token contained no recognizable user identification', 'token_not_valid'),
  user_not_found: () => unauthorized('User not found', 'user_not_found'),
  user_inactive: () => unauthorized('User is inactive', 'user_inactive'),
  permission_denied: () => detail(403, 'You do not have permission to perform this action.'),
  insufficient_credits: () => new HttpError(400, { error: 'Insufficient tokens' }),
  api_key_budget_exceeded: ({ neededCredits, availableCredits }) =>
    detail(
      402,
      `This needs ${neededCredits} tokens of the key's budget, and ${availableCredits} are left.`,
    ),
  model_failed: () =>
    detail(502, 'The model did not answer. Nothing was charged; please try again.'),
  model_missing: () => detail(400, 'Name a model in "model".'),
  wire_not_spoken: ({ model }) =>
    detail(400, `The model "${model}" is not offered by this API. Try the other one under /v1/.`),
  model_not_found: ({ model }) =>
    detail(404, `There is no model "${model}" for you. GET /api/models/ lists those that are.`),
  model_refused: () =>
    detail(400, 'The model cannot answer this message. Nothing was charged; please change it.'),
  model_busy: ({ retryAfterSeconds }) =>
    new HttpError(
      503,
      { detail: 'The model is busy. Nothing was charged; please try again.' },
      { 'retry-after': String(retryAfterSeconds) },
    ),
  balance_limit: () => detail(400, 'The balance would be larger than can be booked.'),
  ledger_unavailable: unavailable,
  overloaded: () =>
    new HttpError(
      503,
      { detail: 'Too many people sign in just now. Please try again.' },
      { 'retry-after': String(OVERLOAD_RETRY_SECONDS) },
    ),
  session_not_found: () => detail(404, 'There is no such session.'),
  conversation_not_found: () => detail(404, 'There is no such conversation.'),
  message_not_found: () => detail(404, 'There is no such message.'),
  parent_not_found: () => detail(400, 'There is no such message in this conversation.'),
  idempotency_key_invalid: () => detail(400, 'An Idempotency-Key has 1 to 255 characters.'),
  idempotency_key_reused: () =>
    detail(422, 'This Idempotency-Key was used for another request. Use a new one.'),
  idempotency_key_running: () =>
    new HttpError(
      409,
      { detail: 'The request with this Idempotency-Key is still being answered.' },
      { 'retry-after': String(RUNNING_RETRY_SECONDS) },
    ),
  idempotency_key_done: () =>
    detail(409, 'The request with this Idempotency-Key was answered and charged before.'),
  user_unknown: () => detail(404, 'There is no such user.'),
  own_account: () => detail(400, 'This cannot be done to your own account. Ask another superuser.'),
  last_superuser: () =>
    detail(400, 'Nobody would be left who may do everything. Make another superuser first.'),
  account_busy: () =>
    detail(409, 'An answer is still being written for this user. Please try again in a moment.'),
  grants_refused: ({ refused }) =>
    detail(
      400,
      `Nothing was booked: ${refused} of the accounts cannot have their share. ` +
        'A dry run says which, and why.',
    ),
  chats_hidden: () =>
    detail(403, 'Staff cannot look at chats here. CHIT_STAFF_READS_CHATS=1 would allow it.'),
  link_invalid: () => detail(400, 'This link was used, replaced or ran out. Ask for a new one.'),
  transfer_not_found: () => detail(404, 'There is no such transfer.'),
  not_refundable: () => detail(400, 'Only a charge can be refunded.'),
  refunded_already: () => detail(409, 'This charge was refunded before.'),
  not_found: () => detail(404, 'Not found.'),
  method_not_allowed: () => detail(405, 'Method not allowed.'),
  body_too_large: () => detail(413, 'The request body is too large.'),
  unsupported_media_type: () => detail(415, 'Unsupported media type in request.'),
  malformed_request: () => detail(400, 'The request is malformed.'),
  cross_site_request: () => detail(403, 'Sign in and out on the page of this site itself.'),
  internal_error: () => detail(500, 'Internal server error.'),
};

/** What a person reads in place of Fastify's own words. */
const FRAMEWORK_ERRORS: Record<string, (request: FastifyRequest) => HttpError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => detail(413, 'The request body is too large.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (request) =>
    detail(415, `Unsupported media type "${request.headers['content-type'] ?? ''}" in request.`),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    detail(400, 'The request body is not as long as its Content-Length says.'),
  FST_ERR_BAD_URL: () => detail(400, 'The path is not a valid URL.'),
};

/** The answer to a request that failed; what is not known here is logged and stays inside. */
export function answerTo(error: unknown, request: FastifyRequest): HttpError {
  const known = asHttpError(error, request);
  if (!known || known.statusCode >= 500) request.log.error({ err: error }, 'request failed');
  return known ?? detail(500, 'Internal server error.');
}

/** Answers a request that failed. */
export function replyWithError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { statusCode, body, headers } = answerTo(error, request);
  // Fastify would close the connection on the rest of the body. Many clients send all of it before
  // they read, and would learn nothing but that; so it is read and dropped, as long as it may take.
  reply.removeHeader('connection');
  // Set here too, since a path that is no URL never came by the hook that sets it.
  return reply.code(statusCode).headers(headers).header('x-request-id', request.id).send(body);
}

function asHttpError(error: unknown, request: FastifyRequest): HttpError | undefined {
  if (error instanceof HttpError) return error;
  if (error instanceof ChitError) {
    const { code, details }: ChitError = error;
    return (DOMAIN_ERRORS[code] as (details: unknown) => HttpError)(details);
  }
  const { code = '', statusCode = 500 } = error as FastifyError;
  const known = FRAMEWORK_ERRORS[code]?.(request);
  if (known) return known;
  // A client that goes away in the middle of its body is no fault of ours; nobody reads this.
  const isClientsFault = request.raw.readableAborted || code.startsWith('FST_');
  if (isClientsFault && statusCode < 500) return detail(statusCode, 'The request is malformed.');
  return isDatabaseUnavailable(error) ? unavailable() : undefined;
}

/** Answers a path that nothing is behind. */
export function replyNotFound(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ detail: 'Not found.' });
}

function unavailable(): HttpError {
  return new HttpError(
    503,
    { detail: 'The server cannot write its books just now. Nothing was charged.' },
    { 'retry-after': String(LEDGER_RETRY_SECONDS) },
  );
}

function sentenceOf({ who, what, quota }: RateLimitState): string {
  const whose = who === 'key' ? 'This API key' : 'This account';
  const amounts = {
    requests: `${quota} requests a minute`,
    generations: `${quota} answers at the same time`,
    'usage-tokens': `${quota} tokens of models a minute`,
  };
  return `${whose} may have ${amounts[what]}. Nothing was charged; please try again later.`;
}

function detail(statusCode: number, text: string): HttpError {
  return new HttpError(statusCode, { detail: text });
}

function unauthorized(text: string, code?: string): HttpError {
  return new HttpError(401, code ? { detail: text, code } : { detail: text }, CHALLENGE);
}
