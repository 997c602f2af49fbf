import type { ProofMethod } from '../../../core/proofs.ts';
import type { Context } from '../../context.ts';
import type { AuthenticationResponseJSON } from './passkeys.ts';

/** What a user gives as proof: one of these. */
export interface GivenProof {
  readonly password?: string | undefined;
  /** Of an authenticator app, or a recovery code. */
  readonly code?: string | undefined;
  readonly passkey?: AuthenticationResponseJSON | undefined;
}

/** How a user can prove who they are with a second factor; none if they have none. */
export async function factorWaysOf(context: Context, userId: number): Promise<ProofMethod[]> {
  const { totp, passkeys, recoveryCodes } = await context.factors.of(userId);
  if (!totp && passkeys.length === 0) return [];
  return [
    ...(passkeys.length > 0 ? (['passkey'] as const) : []),
    ...(totp ? (['code'] as const) : []),
    ...(recoveryCodes > 0 ? (['recovery_code'] as const) : []),
  ];
}
