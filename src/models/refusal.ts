/** What an error response of a provider means: whose fault it is, and whether to ask again. */
import type { ProviderSettings } from '../core/deployment.ts';
import { type JsonObject, objectAt, textAt } from './provider-apis/provider-api.ts';
import { type ApiError, ProviderFailure } from './provider-failure.ts';
import { firstOf, type ResponseHeaders, retryAfterMs } from './retry-after.ts';

type Family = ProviderSettings['family'];

/** How much of an error response is kept for the log. */
const MAX_ERROR_CHARACTERS = 10_000;

/**
 * The key is refused (401), the account has to pay (402: OpenRouter, DeepSeek), or the key may not
 * do this (403).
 */
const OPERATOR_STATUSES = new Set([401, 402, 403]);

/**
 * Names by which an error is about the operator's account, whatever its status: OpenAI's `code` or
 * `type` (https://platform.openai.com/docs/guides/error-codes; a quota that is used up is 429) and
 * Anthropic's `type` (https://docs.claude.com/en/api/errors), also within a stream.
 */
const OPERATOR_NAMES = new Set([
  'invalid_api_key',
  'insufficient_quota',
  'billing_hard_limit_reached',
  'billing_not_active',
  'account_deactivated',
  'authentication_error',
  'billing_error',
  'permission_error',
]);

/**
 * The same in words, where a provider blames the request in every other way: Anthropic (400, an
 * empty balance and a spending limit) and Gemini (400, a wrong key). Only how a message begins
 * counts, since a client's own words may be quoted in the rest.
 */
const OPERATOR_MESSAGES = [
  /^Your credit balance is too low/i,
  /^You have reached your specified API usage limits/i,
  /^API key (not valid|expired)/i,
];

/**
 * The failure that an error response is.
 * @param response `text` of the body, perhaps cut short
 */
export function refusalOf(
  { name, family }: Pick<ProviderSettings, 'name' | 'family'>,
  response: { readonly status: number; readonly headers: ResponseHeaders; readonly text: string },
): ProviderFailure {
  const { status, headers, text } = response;
  const json = jsonIn(text);
  const apiError = apiErrorIn(family, json);
  const isOperators = OPERATOR_STATUSES.has(status)
    ? !isModerated(json)
    : apiError !== undefined && isAboutOperator(apiError);
  return new ProviderFailure(isOperators ? 'operator' : 'refused', `${name} answered ${status}.`, {
    status,
    body: text.slice(0, MAX_ERROR_CHARACTERS),
    apiError,
    retryAfterMs: retryAfterMs(headers),
    // A request over the limit of a minute is refused every minute.
    isFinal:
      firstOf(headers['x-should-retry']) === 'false' ||
      (status === 429 && /^Request too large/i.test(apiError?.message ?? '')),
  });
}

/** The failure that an error within a stream is. */
export function refusalWithin(event: JsonObject, message: string): ProviderFailure {
  const error = objectAt(event, 'error');
  const apiError = { message, type: textAt(error, 'type'), code: textAt(error, 'code') };
  const reason = isAboutOperator(apiError) ? 'operator' : 'refused';
  return new ProviderFailure(reason, `Within a stream: ${message}`);
}

/** Whether an error speaks of the operator's key, account, quota or balance. */
function isAboutOperator({ message, type, code }: ApiError): boolean {
  if (OPERATOR_NAMES.has(type) || OPERATOR_NAMES.has(code)) return true;
  return OPERATOR_MESSAGES.some((it) => it.test(message));
}

/** OpenRouter refuses input that moderation has flagged by 403, and says why in `metadata`. */
function isModerated(json: JsonObject): boolean {
  return Array.isArray(objectAt(objectAt(json, 'error'), 'metadata').reasons);
}

/** The error of a response; undefined if it does not have the shape of the API's errors. */
function apiErrorIn(family: Family, json: JsonObject): ApiError | undefined {
  const error = objectAt(json, 'error');
  const message = textAt(error, 'message');
  if (message === '' || (family === 'anthropic' && json.type !== 'error')) return undefined;
  return { message, type: textAt(error, 'type'), code: textAt(error, 'code') };
}

function jsonIn(text: string): JsonObject {
  try {
    return objectAt(JSON.parse(text));
  } catch {
    return {};
  }
}
