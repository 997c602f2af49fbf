/**
 * What a provider's refusal is about: the client's request, or something that only the operator can
 * mend. The texts and codes are those that providers document or send:
 * https://platform.openai.com/docs/guides/error-codes, https://docs.claude.com/en/api/errors,
 * https://openrouter.ai/docs/api-reference/errors and
 * https://api-docs.deepseek.com/quick_start/error_codes.
 */
import { has, type JsonObject, objectAt, objectsAt, textAt } from './provider-apis/provider-api.ts';
import type { ProviderFailure } from './provider-failure.ts';

export type RefusalKind =
  /** The request itself: its client may know why. */
  | 'request'
  /** The operator's key, account, budget or quota. */
  | 'account'
  /** It is overloaded, or limits how fast it is asked. */
  | 'busy'
  /** It does not have the model. */
  | 'model'
  /** It does not have the endpoint, or the method there. */
  | 'endpoint'
  /** Anything else, such as a broken connection. */
  | 'failed';

const BAD_REQUEST = new Set([400, 413, 422]);
const BUSY = new Set([429, 503, 529]);
const ACCOUNT = new Set([401, 402, 403]);
const NOT_THERE = new Set([404, 405, 410, 501]);

/** Types and codes of errors about the operator. */
const ACCOUNT_CODES = anyOf(
  '^(authentication|permission)_error$',
  '^(billing|credit_balance|organization|account|project)_',
  '^insufficient_(quota|balance|credits)$',
  '^(invalid|incorrect|expired)_api_key$',
  '^api_key_(invalid|expired)$',
  'spend_limit',
);
/** Words of errors about the operator, where the type is that of any invalid request. */
const ACCOUNT_WORDS = anyOf(
  'credit balance',
  'billing',
  'insufficient (balance|credits?|funds|quota)',
  'your (current |monthly )?quota',
  '(spend(ing)?|usage) limits?\\b',
  '(invalid|incorrect|expired) api key',
  'api key (is )?(not valid|invalid|expired|missing|required)',
  '(account|organi[sz]ation|workspace|project) (has been|is|was|must be) \\w+',
  'user location is not supported',
);
const MODEL_CODES = /^(model_not_found|DeploymentNotFound|model_not_available)$/;
const MODEL_WORDS = /^(invalid model\b|model not exist|model not found)/i;

/** @returns `failed` if the provider did not refuse, but could not be reached or understood */
export function refusalKind(failure: ProviderFailure): RefusalKind {
  const { status, body } = failure;
  if (failure.reason !== 'refused') return 'failed';
  const error = errorIn(body);
  if (isAboutAccount(error, status)) return 'account';
  if (status === undefined) return 'failed';
  if (BUSY.has(status)) return 'busy';
  if (NOT_THERE.has(status)) return whatLacks(error, status);
  if (!BAD_REQUEST.has(status)) return 'failed';
  const isModel = MODEL_CODES.test(error.code) || MODEL_WORDS.test(error.message);
  return isModel ? 'model' : 'request';
}

/** What an error response says, wherever a provider puts it. */
export interface ProviderError {
  /** Empty if it says nothing that is meant for people. */
  readonly message: string;
  readonly type: string;
  readonly code: string;
  /** The member of the request that is at fault; empty if none is named. */
  readonly param: string;
  /** All members of its `error`, if that is an object. */
  readonly members: JsonObject;
}

/**
 * Reads an error in one of the shapes that providers send: OpenAI's and Anthropic's `error`,
 * Ollama's text in `error`, vLLM's and Mistral's members without `error`, FastAPI's `detail`; also
 * the event `response.failed` of Responses.
 * @param body anything, such as a page of HTML from a proxy, of which nothing is taken
 */
export function errorIn(body: string): ProviderError {
  const parsed = parsedObject(body);
  const failed = objectAt(parsed, 'response');
  const within = objectAt(has(parsed, 'error') ? parsed : failed, 'error');
  const error = Object.keys(within).length > 0 ? within : parsed;
  const { code } = error;
  return {
    message: textAt(error, 'message') || textAt(parsed, 'error') || detailIn(parsed),
    type: textAt(error, 'type'),
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : '',
    param: textAt(error, 'param'),
    members: within,
  };
}

/** FastAPI's `detail`: a text, or a list of what is wrong where. */
function detailIn(parsed: JsonObject): string {
  const [first] = objectsAt(parsed, 'detail');
  if (!first) return textAt(parsed, 'detail');
  const { loc } = first;
  return Array.isArray(loc) ? `${loc.join('.')}: ${textAt(first, 'msg')}` : textAt(first, 'msg');
}

function isAboutAccount({ type, code, message }: ProviderError, status?: number): boolean {
  if (status !== undefined && ACCOUNT.has(status)) return true;
  // A fault of the provider, or of what lies between, says nothing of the account.
  if (status !== undefined && status >= 500) return false;
  return ACCOUNT_CODES.test(type) || ACCOUNT_CODES.test(code) || ACCOUNT_WORDS.test(message);
}

function whatLacks({ message, code, param }: ProviderError, status: number): RefusalKind {
  if (status === 405 || status === 501) return 'endpoint';
  if (status === 410) return 'model';
  // Such as an item that a stored response is said to have.
  if (param !== '' && param !== 'model') return 'request';
  const isModel = MODEL_CODES.test(code) || /model|deployment|endpoints found/i.test(message);
  return isModel ? 'model' : 'endpoint';
}

function parsedObject(text: string): JsonObject {
  try {
    return objectAt(JSON.parse(text));
  } catch {
    return {};
  }
}

function anyOf(...patterns: string[]): RegExp {
  return new RegExp(patterns.join('|'), 'i');
}
