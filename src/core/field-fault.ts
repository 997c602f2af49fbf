/** What is wrong with one field of a request, for programs. */
export type FieldFault =
  | { readonly code: 'required' | 'null' | 'blank' | 'invalid' }
  /** `min` and `max` are given where a number from a range is expected. */
  | {
      readonly code: 'wrong_type';
      readonly expected: string;
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly code: 'too_short'; readonly min: number }
  | { readonly code: 'too_long'; readonly max: number }
  | { readonly code: 'out_of_range'; readonly min: number; readonly max: number }
  | { readonly code: 'too_few_items'; readonly min: number }
  | { readonly code: 'too_many_items'; readonly max: number }
  | { readonly code: 'not_a_choice'; readonly choices: readonly (string | number)[] }
  /** U+0000 or a lone surrogate. */
  | { readonly code: 'not_storable' }
  | { readonly code: 'not_a_time' }
  /** A name for a new account; see `core/usernames.ts`. */
  | {
      readonly code: 'not_a_username';
      readonly reason: 'characters' | 'mixed_scripts' | 'reserved';
    }
  | { readonly code: 'wrong_password' }
  /** What is wrong with a new password; see `core/password-rules.ts`. */
  | { readonly code: 'too_many_bytes'; readonly max: number }
  | {
      readonly code: 'common_password' | 'password_has_username' | 'password_has_site_name';
    }
  | { readonly code: 'unknown_model'; readonly model: string }
  /** The user is in no such group, or it has no account that pays. */
  | { readonly code: 'unknown_group' }
  | { readonly code: 'not_a_time_zone' }
  | { readonly code: 'not_in_the_future' }
  | { readonly code: 'superuser_is_staff' }
  | { readonly code: 'not_https' }
  /** `max` is in bytes or pixels. */
  | {
      readonly code: 'not_a_logo';
      readonly reason: 'format' | 'bytes' | 'pixels';
      readonly max: number;
    }
  | { readonly code: 'start_after_end' }
  | { readonly code: 'span_too_long'; readonly max_days: number; readonly step: string };

/** What is wrong with one field: a sentence for people and a code for programs. */
export interface FieldError {
  readonly message: string;
  readonly fault: FieldFault;
}
