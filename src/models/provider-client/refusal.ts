/** What an error response of a provider means: whose fault it is, and whether to ask again. */
import type { ProviderSettings } from '../../core/deployment.ts';
import { has, type JsonObject, objectAt, textAt } from '../provider-apis/provider-api.ts';
import { errorIn, errorOf, jsonIn, type ProviderError } from './provider-error.ts';
import { type ApiError, ProviderFailure } from './provider-failure.ts';
import { firstOf, type ResponseHeaders, retryAfterMs } from './retry-after.ts';

type Family = ProviderSettings['family'];

/** How much of an error response is kept for the log. */
const MAX_ERROR_CHARACTERS = 10_000;

const MAX_LOGGED_CHARACTERS = 300;

/** The model, the endpoint or its method is not there. */
const NOT_THERE = new Set([404, 405, 410, 501]);

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
  'incorrect_api_key',
  'expired_api_key',
  'insufficient_balance',
  'insufficient_credits',
  'credit_balance_exhausted',
  'organization_restricted',
  'organization_on_hold',
  'contract_spend_limit_reached',
  'enforced_spend_limit_reached',
]);

/**
 * The same in words, where a provider blames the request in every other way: Anthropic (400, an
 * empty balance and a spending limit) and Gemini (400, a wrong key). Only how a message begins
 * counts, since a client's own words may be quoted in the rest.
 */
const OPERATOR_MESSAGES = [
  /^Your credit balance is too low/i,
  /^You have reached your specified API usage limits/i,
  /^API key (is )?(not valid|invalid|expired)/i,
  /^(Incorrect|Invalid|Expired) API key/i,
  /^(Billing|Insufficient (balance|credits?|funds|quota))\b/i,
  /^(This|Your) (account|organi[sz]ation|workspace|project) (has been|is|was|must be)\b/i,
  /^User location is not supported/i,
];

/** Gemini says it of its limits per minute, too, with 429. */
const QUOTA_MESSAGE = /^You( have)? exceeded your (current |monthly )?quota/i;

/**
 * The failure that an error response is.
 * @param response `text` of the body, perhaps cut short; `path` of the request, for the log
 */
export function refusalOf(
  { name, family }: Pick<ProviderSettings, 'name' | 'family'>,
  response: {
    readonly status: number;
    readonly headers: ResponseHeaders;
    readonly text: string;
    readonly path?: string;
  },
): ProviderFailure {
  const { status, headers, text, path } = response;
  const json = jsonIn(text);
  const apiError = apiErrorIn(family, json);
  const isOperators = OPERATOR_STATUSES.has(status)
    ? !isModerated(json)
    : isAboutOperator(errorOf(json), status);
  const about = path === undefined ? '' : ` to ${path}`;
  const words = wordsForLog(isOperators, status, errorOf(json).message);
  const message = `${name} answered ${status}${about}${words}.`;
  return new ProviderFailure(isOperators ? 'operator' : 'refused', message, {
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

/**
 * What a provider says of the operator or of what it lacks. What it says of a request may quote the
 * request, so that is not logged.
 */
function wordsForLog(isOperators: boolean, status: number, message: string): string {
  if (message === '' || !(isOperators || NOT_THERE.has(status))) return '';
  // A long word may be a key.
  const words = isOperators ? message.replace(/\S{24,}/g, '…') : message;
  return `: ${words.slice(0, MAX_LOGGED_CHARACTERS).replace(/[.\s]+$/, '')}`;
}

/**
 * The failure that a response is whose status is 200 and whose body is an error with a `code` like
 * a status, as OpenRouter has it; undefined for any other.
 */
export function refusalInPlaceOf(
  json: JsonObject,
  settings: Pick<ProviderSettings, 'name' | 'family'>,
): ProviderFailure | undefined {
  const isAnswer = json.object !== undefined || (json.type !== undefined && json.type !== 'error');
  if (isAnswer || !has(json, 'error')) return undefined;
  const code = Number(errorOf(json).code);
  const status = code >= 400 && code < 600 ? code : 502;
  return refusalOf(settings, { status, headers: {}, text: JSON.stringify(json) });
}

/** The failure that an error within a stream is. */
export function refusalWithin(event: JsonObject, message: string): ProviderFailure {
  const reason = isAboutOperator({ ...errorOf(event), message }) ? 'operator' : 'refused';
  return new ProviderFailure(reason, `Within a stream: ${message}`);
}

/** What a failure is about. */
export type RefusalKind =
  /** The request itself: its client may know why. */
  | 'request'
  /** The operator's key, account, budget or quota. */
  | 'account'
  /** The provider is overloaded, or limits how fast it is asked. */
  | 'busy'
  /** The provider does not have the model. */
  | 'model'
  /** The provider does not have the endpoint, or the method there. */
  | 'endpoint'
  /** Anything else, such as a broken connection. */
  | 'failed';

/** The kinds of failures, for those who count them. */
export const FAILURE_KINDS = [
  'request',
  'account',
  'busy',
  'model',
  'endpoint',
  // An error response without a known meaning.
  'failed',
  // No connection, or a broken one.
  'unreachable',
  // Nothing came for too long.
  'timed_out',
  // The response does not follow the API.
  'unreadable',
] as const;

export type FailureKind = (typeof FAILURE_KINDS)[number];

/** The kind of a failure, from what was thrown. */
export function failureKind(cause: unknown): FailureKind {
  if (!(cause instanceof ProviderFailure)) return 'failed';
  const { reason } = cause;
  if (reason !== 'refused' && reason !== 'operator') return reason;
  return refusalKind(cause);
}

/** 403 is among them if it is not the operator's, by `isModerated`. */
const BAD_REQUEST = new Set([400, 403, 413, 422]);
const BUSY = new Set([429, 503, 529]);
/** OpenAI's, Azure's; vLLM, LM Studio, Mistral and DeepSeek say it in words. */
const MODEL_NAMES = new Set(['model_not_found', 'DeploymentNotFound']);
const MODEL_MESSAGE = /^(invalid model\b|model not (exist|found))/i;

/** Whom a failure is to be told to, and how. */
export function refusalKind({ reason, status, body }: ProviderFailure): RefusalKind {
  if (reason === 'operator') return 'account';
  if (reason !== 'refused' || status === undefined) return 'failed';
  if (BUSY.has(status)) return 'busy';
  const error = errorIn(body);
  if (NOT_THERE.has(status)) return whatLacks(status, error);
  if (!BAD_REQUEST.has(status)) return 'failed';
  return MODEL_NAMES.has(error.code) || MODEL_MESSAGE.test(error.message) ? 'model' : 'request';
}

function whatLacks(status: number, { message, code, param }: ProviderError): RefusalKind {
  if (status === 405 || status === 501) return 'endpoint';
  if (status === 410) return 'model';
  // Such as an item that a stored response is said to have.
  if (param !== '' && param !== 'model') return 'request';
  const isModel = MODEL_NAMES.has(code) || /model|deployment|endpoints found/i.test(message);
  return isModel ? 'model' : 'endpoint';
}

/** Whether an error speaks of the operator's key, account, quota or balance. */
function isAboutOperator({ message, type, code }: ProviderError, status?: number): boolean {
  if (OPERATOR_NAMES.has(type) || OPERATOR_NAMES.has(code)) return true;
  if (status !== 429 && QUOTA_MESSAGE.test(message)) return true;
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
