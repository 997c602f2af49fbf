/**
 * What an error answer says to a program. Every answer with a status from 400 up has the header
 * `Chit-Error` with one of these codes and, where the code has parameters, `Chit-Error-Params` with
 * them as ASCII JSON. Bodies whose shape is our own have both again, as `code` and `params`; bodies
 * that the original API fixes stay as they are.
 */
import type { ErrorCode } from '../../core/errors.ts';

export type { ErrorCode } from '../../core/errors.ts';
export type { ReplyFailure } from '../../core/reply-failure.ts';

/** What is wrong with one field of a request. */
export type FieldFault =
  | { readonly code: 'required' | 'null' | 'blank' | 'invalid' }
  | { readonly code: 'wrong_type'; readonly expected: string }
  | { readonly code: 'too_short'; readonly min: number }
  | { readonly code: 'too_long'; readonly max: number }
  | { readonly code: 'out_of_range'; readonly min: number; readonly max: number }
  | { readonly code: 'too_few_items'; readonly min: number }
  | { readonly code: 'too_many_items'; readonly max: number }
  | { readonly code: 'not_a_choice'; readonly choices: readonly (string | number)[] }
  /** U+0000 or a lone surrogate. */
  | { readonly code: 'not_storable' }
  | { readonly code: 'not_a_time' }
  | { readonly code: 'wrong_password' }
  | { readonly code: 'unknown_model'; readonly model: string }
  | { readonly code: 'not_in_the_future' }
  | { readonly code: 'superuser_is_staff' }
  | { readonly code: 'span_too_long'; readonly max_days: number; readonly step: string };

/** The parameters of those codes that have some. */
export interface ErrorParams {
  /** By the place in the body or the query, such as `to/5/tokens`. */
  invalid_fields: { readonly fields: Readonly<Record<string, readonly FieldFault[]>> };
  throttled: { readonly retry_after_seconds: number };
  rate_limited: {
    readonly scope: 'account' | 'key';
    readonly limit: 'requests' | 'generations' | 'usage-tokens';
    readonly quota: number;
    readonly retry_after_seconds: number;
  };
  insufficient_credits: { readonly needed: number; readonly available: number };
  api_key_budget_exceeded: { readonly needed: number; readonly available: number };
  too_many_api_keys: { readonly max: number };
  model_not_found: { readonly model: string };
  wire_not_spoken: { readonly model: string };
  model_busy: { readonly retry_after_seconds: number };
  grants_refused: { readonly refused: number };
  ledger_unavailable: { readonly is_outcome_unknown: boolean };
}

/** The parameters of a code; nothing for most. */
export type ParamsOf<Code extends ErrorCode> = Code extends keyof ErrorParams
  ? ErrorParams[Code]
  : undefined;
