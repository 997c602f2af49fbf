/** Why nobody was signed in by a provider, and what else concerns ways to sign in. */
export interface SignInErrors {
  /** No provider has this name. */
  sign_in_unknown: undefined;
  /** The provider cannot be reached, or answers with errors of its own. */
  sign_in_unreachable: undefined;
  /** The provider did not let the person in, or they declined. */
  sign_in_denied: undefined;
  /** The attempt was used already, is too old, or was begun in another browser. */
  sign_in_expired: undefined;
  /** What the provider sent is not what it has to send. */
  sign_in_failed: undefined;
  /** The provider says who it is, but that is nobody for this site. */
  sign_in_refused: undefined;
  /** There is no account for who it is, and none is made. */
  sign_in_no_account: undefined;
  /** The provider let the person through without asking, or does not say when it asked. */
  sign_in_stale: undefined;
  /** An account has the address that the provider vouches for; its user has to prove it, once. */
  sign_in_unproven: { readonly ticket: string };
  /** The same, but the account has nothing to prove it with. */
  sign_in_unprovable: undefined;
  /** The account is disabled. */
  sign_in_disabled: undefined;
  /** A provider signs somebody out with a token that is not acceptable. */
  logout_token_refused: {
    /** A sentence for whoever runs the provider. */
    readonly reason: string;
  };
  /** There is no trial of this id, it is somebody else's, or it is over. */
  trial_not_found: undefined;
  /** `chit.json` has no directory. */
  directory_not_set: undefined;
  /** The link confirms an address of another user than the one who is signed in. */
  link_of_another: undefined;
  /** The account has no such identity. */
  identity_not_found: undefined;
  /** Without it, its user could not sign in any more. */
  only_way_in: undefined;
  /** Passwords are not accepted on this site. */
  password_login_off: undefined;
}
