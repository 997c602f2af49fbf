/**
 * The one place where errors become statuses and bodies. The bodies are those of Django REST
 * Framework and Simple JWT, which clients of the original know.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ChitError, type ErrorCode, type ErrorDetails } from '../../core/errors.ts';
import type { RateLimitState } from '../../core/rate-limit-state.ts';
import { isDatabaseUnavailable } from '../../store/database/unavailable.ts';
import { ADMIN_KEY_RESPONSES } from './admin-key-errors.ts';
import { DIRECTORY_ERRORS } from './directory-errors.ts';
import { FACTOR_RESPONSES } from './factor-errors.ts';
import { FILE_RESPONSES } from './file-errors.ts';
import { GROUP_ERRORS } from './group-errors.ts';
import { HttpError } from './http-error.ts';
import { INVITATION_RESPONSES } from './invitation-errors.ts';
import { LIMIT_RESPONSES, type Responses, retryAfter } from './limit-errors.ts';
import { keepOpenForBody } from './linger.ts';
import { NOTICE_RESPONSES } from './notice-errors.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import { SIGN_IN_RESPONSES } from './sign-in-errors.ts';
import { VOUCHER_RESPONSES } from './voucher-errors.ts';

/** RFC 6750, section 3: every 401 names the scheme that would be accepted. */
const CHALLENGE = { 'www-authenticate': 'Bearer realm="api"' };
/** A disk that is full or busy may be free again soon. */
const LEDGER_RETRY_SECONDS = 1;
/** About as long as it takes to work off the queue. */
const OVERLOAD_RETRY_SECONDS = 30;
/** Most replies take seconds. */
const RUNNING_RETRY_SECONDS = 1;

/** Nothing that the provider said: that is about the operator, and in the log. */
const UNAVAILABLE: Readonly<Record<ErrorDetails['model_unavailable']['lacks'], string>> = {
  model:
    'The provider of this model does not have it under the name that this site uses. Nothing was ' +
    'charged; whoever runs this site has to correct its settings.',
  endpoint:
    'The provider of this model does not offer this kind of request. Nothing was charged; ask ' +
    'another model, or in another API.',
  account:
    'The provider of this model does not serve this site at the moment. Nothing was charged; ' +
    'whoever runs this site finds the reason in its log.',
};

const RESPONSES: Responses<ErrorCode> = {
  ...LIMIT_RESPONSES,
  ...ADMIN_KEY_RESPONSES,
  invalid_fields: ({ fields }) => ({
    status: 400,
    body: mapValues(fields, (errors) => errors.map(({ message }) => message)),
    params: { fields: mapValues(fields, (errors) => errors.map(({ fault }) => fault)) },
  }),
  username_taken: () => ({ status: 400, body: { error: 'Username already exists' } }),
  invalid_credentials: () => ({ status: 400, body: { error: 'Invalid credentials' } }),
  signup_closed: () => ({
    status: 403,
    detail: 'Sign-up is closed. Ask whoever runs this site for an account.',
  }),
  throttled: ({ retryAfterSeconds }) => ({
    status: 429,
    detail: `Request was throttled. Expected available in ${retryAfterSeconds} ${
      retryAfterSeconds === 1 ? 'second' : 'seconds'
    }.`,
    params: { retry_after_seconds: retryAfterSeconds },
    headers: retryAfter(retryAfterSeconds),
  }),
  rate_limited: ({ exceeded, states, retryAfterSeconds }) => ({
    status: 429,
    detail: rateLimitSentence(exceeded),
    params: {
      scope: exceeded.who,
      limit: exceeded.what,
      quota: exceeded.quota,
      retry_after_seconds: retryAfterSeconds,
    },
    headers: { ...retryAfter(retryAfterSeconds), ...rateLimitHeaders(states) },
  }),
  credentials_missing: () =>
    unauthorized({ detail: 'Authentication credentials were not provided.' }),
  authorization_header_malformed: ({ message }) =>
    unauthorized({ detail: message, code: 'bad_authorization_header' }),
  api_key_invalid: () => ({
    status: 401,
    detail: 'A valid API key is required. Create one with POST /api/keys/.',
    headers: CHALLENGE,
  }),
  api_key_not_found: () => ({ status: 404, detail: 'API key not found.' }),
  too_many_api_keys: ({ most }) => ({
    status: 400,
    detail: `An account can have at most ${most} API keys. Delete one that you no longer use.`,
    params: { max: most },
  }),
  access_token_invalid: ({ message }) =>
    unauthorized({
      detail: 'Given token not valid for any token type',
      code: 'token_not_valid',
      messages: [{ token_class: 'AccessToken', token_type: 'access', message }],
    }),
  token_invalid: ({ message }) => unauthorized({ detail: message, code: 'token_not_valid' }),
  token_without_user: () =>
    unauthorized({
      detail: 'Token contained no recognizable user identification',
      code: 'token_not_valid',
    }),
  user_not_found: () => unauthorized({ detail: 'User not found', code: 'user_not_found' }),
  user_inactive: () => unauthorized({ detail: 'User is inactive', code: 'user_inactive' }),
  permission_denied: () => ({
    status: 403,
    detail: 'You do not have permission to perform this action.',
  }),
  balance_in_use: ({ neededCredits, retryAfterSeconds }) => ({
    status: 429,
    detail:
      `This request needs ${neededCredits} tokens, which other requests of this account are ` +
      'using. Try again when they have ended.',
    headers: { 'Retry-After': String(retryAfterSeconds) },
    params: { needed: neededCredits, retry_after_seconds: retryAfterSeconds },
  }),
  tool_unavailable: ({ tool }) => ({
    status: 503,
    detail:
      `The tool "${tool}" cannot be reached at the moment. Nothing was charged. ` +
      'Turn it off for this chat, or try again later.',
    params: { tool },
  }),
  cost_limit_reached: ({ neededCredits, mostCredits }) => ({
    status: 400,
    detail:
      `This message needs ${neededCredits} tokens, more than the ${mostCredits} that it may cost ` +
      'at most. Nothing was charged.',
    params: { needed: neededCredits, most: mostCredits },
  }),
  nothing_to_approve: () => ({
    status: 409,
    detail: 'This message does not wait for an approval, or no longer does.',
  }),
  member_invalid: ({ member, expected }) => ({
    status: 400,
    detail: `"${member}" must be ${expected}.`.replace(/\.\.$/, '.'),
    params: { member },
  }),
  member_repeated: ({ member, readAs }) => ({
    status: 400,
    detail:
      member === readAs
        ? `"${member}" is given twice. Servers differ in which of them counts.`
        : `"${member}" is not a member of this API, and some servers read it as "${readAs}".`,
    params: { member },
  }),
  member_unpriced: ({ member, remedy }) => ({
    status: 400,
    detail:
      `"${member}" can cost more than the price of this model covers. ` +
      `It is allowed by ${remedy} of the model in chit.json.`,
    params: { member },
  }),
  member_unknown: ({ member }) => ({
    status: 400,
    detail:
      `"${member}" is unknown, so nobody knows what it costs. ` +
      'It is allowed by "unknownMembers": "pass" of the provider in chit.json.',
    params: { member },
  }),
  url_not_fetched: ({ member }) => ({
    status: 400,
    detail:
      `"${member}" is a URL, which would be fetched from a private network. Send the content ` +
      'itself, as a data URL. It is allowed by "fetchesUrls": true of the provider in chit.json.',
    params: { member },
  }),
  model_missing: () => ({ status: 400, detail: 'The request must name a model in "model".' }),
  wire_not_spoken: ({ model }) => ({
    status: 400,
    detail: `The model "${model}" is not available in this API. Try the other one under /v1/.`,
    params: { model },
  }),
  input_unseen: ({ member, model }) => ({
    status: 400,
    detail:
      `How long the input in "${member}" is cannot be seen, and "contextTokens" of the model ` +
      `"${model}" is not set in chit.json. Send the content itself, or ask for it to be set.`,
    params: { member, model },
  }),
  model_not_found: ({ model }) => ({
    status: 404,
    detail:
      `There is no model "${model}" that you may use. ` +
      'GET /api/models/ lists the models that you may use.',
    params: { model },
  }),
  model_refused: () => ({
    status: 400,
    detail: 'The model cannot reply to this message. Nothing was charged; please change it.',
  }),
  model_busy: ({ retryAfterSeconds }) => ({
    status: 503,
    detail: 'The model is busy. Nothing was charged; please try again.',
    params: { retry_after_seconds: retryAfterSeconds },
    headers: retryAfter(retryAfterSeconds),
  }),
  model_unavailable: ({ lacks }) => ({
    status: 502,
    detail: UNAVAILABLE[lacks],
    params: { lacks },
  }),
  model_failed: () => ({
    status: 502,
    detail: 'The model did not reply. Nothing was charged; please try again.',
  }),
  server_lost: ({ chargedCredits }) => ({
    status: 503,
    detail:
      chargedCredits === 0
        ? 'The server was interrupted before the model replied. Nothing was charged; please try ' +
          'again.'
        : 'The server was interrupted while the model was replying. For what was delivered ' +
          `${chargedCredits} tokens were charged.`,
    params: { charged: chargedCredits },
    headers: retryAfter(LEDGER_RETRY_SECONDS),
  }),
  balance_limit: () => ({
    status: 400,
    detail: 'The balance would be larger than the largest that is supported.',
  }),
  ledger_unavailable: ({ isOutcomeUnknown }) => ({
    status: 503,
    detail: isOutcomeUnknown
      ? 'The server lost its database while it carried this out, so it is not known whether it ' +
        'was done. Repeat it with the same Idempotency-Key, or look at your statement.'
      : 'The server cannot write to its database right now. Nothing was charged.',
    params: { is_outcome_unknown: isOutcomeUnknown },
    headers: retryAfter(LEDGER_RETRY_SECONDS),
  }),
  server_busy: ({ retryAfterSeconds }) => ({
    status: 503,
    detail: 'The server is very busy. Nothing was charged; please try again.',
    params: { retry_after_seconds: retryAfterSeconds },
    headers: retryAfter(retryAfterSeconds),
  }),
  too_much_at_once: ({ retryAfterSeconds }) => ({
    status: 429,
    detail:
      'This account is sending too much at the same time. Nothing was charged; please send ' +
      'fewer large requests at once.',
    params: { retry_after_seconds: retryAfterSeconds },
    headers: retryAfter(retryAfterSeconds),
  }),
  too_many_reads: ({ retryAfterSeconds }) => ({
    status: 429,
    detail:
      'You have too many searches, reports or exports running. ' +
      'Wait until one of them has ended, then try again.',
    params: { retry_after_seconds: retryAfterSeconds },
    headers: retryAfter(retryAfterSeconds),
  }),
  reads_busy: ({ retryAfterSeconds }) => ({
    status: 503,
    detail: 'Too many searches, reports and exports are running right now. Please try again.',
    params: { retry_after_seconds: retryAfterSeconds },
    headers: retryAfter(retryAfterSeconds),
  }),
  read_too_long: () => ({
    status: 503,
    detail:
      'This took too long and was stopped. Search for something else, or choose a shorter span; ' +
      'or try again when there is less to do.',
    headers: retryAfter(OVERLOAD_RETRY_SECONDS),
  }),
  overloaded: () => ({
    status: 503,
    detail: 'Too many people are signing in right now. Please try again.',
    headers: retryAfter(OVERLOAD_RETRY_SECONDS),
  }),
  session_not_found: () => ({ status: 404, detail: 'Session not found.' }),
  conversation_not_found: () => ({ status: 404, detail: 'Conversation not found.' }),
  folder_not_found: () => ({ status: 404, detail: 'Folder not found.' }),
  too_many_folders: ({ most }) => ({
    status: 409,
    detail: `You can have ${most} folders. Remove one first.`,
    params: { max: most },
  }),
  prompt_not_found: () => ({ status: 404, detail: 'Prompt not found.' }),
  too_many_prompts: ({ most }) => ({
    status: 409,
    detail: `There can be ${most} prompts and assistants. Delete one first.`,
    params: { max: most },
  }),
  conversation_too_long: ({ most }) => ({
    status: 400,
    detail:
      `The conversation is too long to be continued: models are sent at most ${most} characters. ` +
      'Nothing was charged. Start a new conversation, or continue from an earlier message.',
    params: { max: most },
  }),
  message_not_found: () => ({ status: 404, detail: 'Message not found.' }),
  parent_not_found: () => ({
    status: 400,
    detail: 'This conversation has no such message.',
  }),
  idempotency_key_invalid: () => ({
    status: 400,
    detail: 'An Idempotency-Key must have 1 to 255 characters.',
  }),
  idempotency_key_reused: () => ({
    status: 422,
    detail: 'This Idempotency-Key was already used for another request. Use a new one.',
  }),
  idempotency_key_running: () => ({
    status: 409,
    detail: 'The request with this Idempotency-Key is still being processed.',
    headers: retryAfter(RUNNING_RETRY_SECONDS),
  }),
  idempotency_key_done: () => ({
    status: 409,
    detail: 'The request with this Idempotency-Key was already answered and charged.',
  }),
  user_unknown: () => ({ status: 404, detail: 'User not found.' }),
  own_account: () => ({
    status: 400,
    detail: 'You cannot do this to your own account. Ask another superuser.',
  }),
  last_superuser: () => ({
    status: 400,
    detail: 'No superuser would be left. Make another user a superuser first.',
  }),
  account_busy: () => ({
    status: 409,
    detail: 'A reply is still being written for this user. Please try again in a moment.',
  }),
  grants_refused: ({ refused }) => ({
    status: 400,
    detail:
      `Nothing was booked: ${refused} of the accounts cannot receive their amount. ` +
      'A dry run shows which ones, and why.',
    params: { refused },
  }),
  ...SIGN_IN_RESPONSES,
  ...VOUCHER_RESPONSES,
  ...INVITATION_RESPONSES,
  ...FILE_RESPONSES,
  chats_hidden: () => ({
    status: 403,
    detail: 'Staff cannot read chats on this site. CHIT_STAFF_READS_CHATS=1 would allow it.',
  }),
  link_invalid: () => ({
    status: 400,
    detail: 'This link was used or replaced, or it has expired. Ask for a new one.',
  }),
  plan_not_found: () => ({ status: 404, detail: 'Plan not found.' }),
  plan_name_taken: () => ({ status: 409, detail: 'Another plan has this name. Choose another.' }),
  plan_ended: () => ({ status: 409, detail: 'This plan has ended. Choose another one.' }),
  transfer_not_found: () => ({ status: 404, detail: 'Transfer not found.' }),
  not_refundable: () => ({ status: 400, detail: 'Only a charge can be refunded.' }),
  refunded_already: () => ({ status: 409, detail: 'This charge was already refunded.' }),
  deployment_invalid: ({ faults }) => ({
    status: 409,
    detail: `The file has faults, and nothing was changed. ${faults[0] ?? ''}`.trim(),
    params: { faults: faults.length },
  }),
  deployment_changed: () => ({
    status: 409,
    detail: 'The file was changed since you looked at it. Look at what it changes now.',
  }),
  backup_running: () => ({
    status: 409,
    detail: 'A backup is being made already. Wait until it is done.',
  }),
  backup_impossible: ({ reason }) => ({
    status: 409,
    detail: `This server cannot make a backup: ${reason}`,
  }),
  ...GROUP_ERRORS,
  ...NOTICE_RESPONSES,
  ...DIRECTORY_ERRORS,
  ...FACTOR_RESPONSES,
  not_found: () => ({ status: 404, body: { detail: 'Not found.' } }),
  method_not_allowed: () => ({ status: 405, body: { detail: 'Method not allowed.' } }),
  body_too_large: () => ({ status: 413, detail: 'The request body is too large.' }),
  unsupported_media_type: ({ contentType, isEncoded = false }) => ({
    status: 415,
    body: {
      detail: isEncoded
        ? 'Compressed request bodies are not supported. Send the body without Content-Encoding.'
        : `Unsupported media type "${contentType}" in request.`,
    },
    // RFC 9110, section 12.5.3.
    ...(isEncoded ? { headers: { 'Accept-Encoding': 'identity' } } : {}),
  }),
  precondition_failed: () => ({
    status: 412,
    detail: 'The file is not the version that the request asks for.',
  }),
  range_not_satisfiable: ({ contentRange }) => ({
    status: 416,
    detail: 'The file has no such range.',
    headers: { 'content-range': contentRange },
  }),
  malformed_request: () => ({ status: 400, detail: 'The request is malformed.' }),
  request_timeout: () => ({ status: 408, detail: 'The request took too long to arrive.' }),
  cross_site_request: () => ({
    status: 403,
    detail: 'Sign in and out on a page of this site.',
  }),
  server_stopping: () => ({
    status: 503,
    detail: 'The server is shutting down. Please try again.',
    headers: retryAfter(LEDGER_RETRY_SECONDS),
  }),
  internal_error: () => ({ status: 500, detail: 'Internal server error.' }),
};

/** The errors of Fastify itself, by its codes. */
const FRAMEWORK_ERRORS: Record<string, (request: FastifyRequest) => HttpError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => toHttpError('body_too_large', undefined),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ({ headers }) =>
    toHttpError('unsupported_media_type', { contentType: headers['content-type'] ?? '' }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    malformed('The length of the request body is not its Content-Length.'),
  FST_ERR_BAD_URL: () => malformed('The path is not a valid URL.'),
};

/**
 * The response to a request that failed. An error that is unknown here is logged, and the client
 * learns only that there was one.
 */
export function responseTo(error: unknown, request: FastifyRequest): HttpError {
  const known = knownError(error, request);
  // Not what an overloaded server refuses: writing each of them down would take longer.
  const isWorthALine = known?.code !== 'server_busy' && (known?.statusCode ?? 500) >= 500;
  if (isWorthALine) request.log.error({ err: error }, 'request failed');
  const response = known ?? toHttpError('internal_error', undefined);
  request.errorCode = response.code;
  return response;
}

/** Answers a request that failed. */
export function replyWithError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { statusCode, body, headers } = responseTo(error, request);
  keepOpenForBody(reply);
  // Set here too, since a path that is not a valid URL skips the hook that sets it.
  return reply.code(statusCode).headers(headers).header('x-request-id', request.id).send(body);
}

function knownError(error: unknown, request: FastifyRequest): HttpError | undefined {
  if (error instanceof HttpError) return error;
  if (error instanceof ChitError) return toHttpError(error.code, error.details);
  const { code = '', statusCode = 500 } = error as FastifyError;
  const known = FRAMEWORK_ERRORS[code]?.(request);
  if (known) return known;
  // A client that disconnects while it sends its body is not our fault; nobody reads this.
  const isFaultOfClient = request.raw.readableAborted || code.startsWith('FST_');
  if (isFaultOfClient && statusCode < 500) {
    return malformed('The request is malformed.', statusCode);
  }
  return isDatabaseUnavailable(error)
    ? toHttpError('ledger_unavailable', { isOutcomeUnknown: false })
    : undefined;
}

/** The response for a code, as every request gets it. */
export function toHttpError<Code extends ErrorCode>(
  code: Code,
  details: ErrorDetails[Code],
): HttpError<Code> {
  return new HttpError(code, RESPONSES[code](details));
}

function malformed(detail: string, status = 400): HttpError<'malformed_request'> {
  return new HttpError('malformed_request', { status, detail });
}

/** A body of Simple JWT, whose `code` is not always ours. */
function unauthorized(body: object) {
  return { status: 401, body, headers: CHALLENGE };
}

function rateLimitSentence({ who, what, quota }: RateLimitState): string {
  const whose = who === 'key' ? 'This API key' : 'This account';
  const limits = {
    requests: `${quota} requests per minute`,
    generations: `${quota} replies at the same time`,
    'usage-tokens': `${quota} model tokens per minute`,
    counts: `${quota} token counts per minute, a long text counting as several`,
  };
  return `${whose} is limited to ${limits[what]}. Nothing was charged; please try again later.`;
}

function mapValues<From, To>(
  object: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));
}
