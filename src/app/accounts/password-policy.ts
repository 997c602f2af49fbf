import { commonPasswords } from '../../auth/common-passwords.ts';
import { ChitError } from '../../core/errors.ts';
import type { FieldFault } from '../../core/field-fault.ts';
import { faultOfNewPassword, passwordFieldError } from '../../core/password-rules.ts';
import type { Context } from '../context.ts';

/** A password that somebody chooses. */
export interface NewPassword {
  readonly password: string;
  /** The name of its account; undefined if it is not known yet. */
  readonly username: string | undefined;
  /** The field that errors name. */
  readonly field?: string;
}

/**
 * Requires that a new password keeps the rules of this deployment; see `core/password-rules.ts`.
 * @throws ChitError `invalid_fields`
 */
export async function requireGoodPassword(
  context: Context,
  { password, username, field = 'password' }: NewPassword,
): Promise<void> {
  const fault = (await passwordChecker(context))(password, username);
  if (!fault) return;
  throw new ChitError('invalid_fields', { fields: { [field]: [passwordFieldError(fault)] } });
}

/** Says what is wrong with passwords, for whoever checks many at once. */
export async function passwordChecker(
  context: Context,
): Promise<(password: string, username: string | undefined) => FieldFault | undefined> {
  const common = await commonPasswords();
  const isCommon = (it: string) => common.has(it);
  const { passwordMinLength: minLength } = context.policy;
  const siteWords = [...context.policy.siteWords, context.look.name];
  return (password, username) =>
    faultOfNewPassword(password, { minLength, username, siteWords, isCommon });
}
