/** What would become of a sign-in, if it were one. */

/**
 * `signs_in`: to the account that is theirs; `to_prove`: to the one with
 * their address, once they prove here that it is theirs; `invited`: gets one as an invitation
 * says. From `no_account` on nobody is let in.
 */
export const SIGN_IN_OUTCOMES = [
  'signs_in',
  'matched',
  'to_prove',
  'new_account',
  'invited',
  'no_account',
  'not_admitted',
  'disabled',
  'not_found',
  'ambiguous',
  'wrong_password',
  'local_account',
] as const;

export type SignInOutcome = (typeof SIGN_IN_OUTCOMES)[number];

/** What becomes of being in a group; `missing` if there is no such group here. */
export const GROUP_CHANGES = ['joins', 'leaves', 'stays', 'stays_out', 'missing'] as const;

export interface GroupPreview {
  /** Of a group here. */
  readonly name: string;
  readonly change: (typeof GROUP_CHANGES)[number];
}

export interface SignInPreview {
  readonly outcome: SignInOutcome;
  /** The account, if there is one already. */
  readonly userId: number | undefined;
  /** Of the account, or what a new one would probably be called. */
  readonly username: string | undefined;
  readonly email: { readonly address: string; readonly isVerified: boolean } | undefined;
  /** What a new account is opened with. */
  readonly openingCredits: number | undefined;
  /** The groups that the person is in there; undefined if they are not told. */
  readonly groupsThere: readonly string[] | undefined;
  readonly groups: readonly GroupPreview[];
  /** Whether the person is staff afterwards; undefined if nobody there has a say in that. */
  readonly isStaff: boolean | undefined;
  /** Claims that would have to contain one of the values, and do not. */
  readonly lacks: readonly { readonly claim: string; readonly values: readonly string[] }[];
}
