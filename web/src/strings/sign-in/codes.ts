import type { ErrorCode } from '../../../../src/http/framework/error-schema.ts';

/** Refusals of providers, and of passwords where they are off. */
export type SignInErrorCode = Extract<ErrorCode, `sign_in_${string}` | 'password_login_off'>;
