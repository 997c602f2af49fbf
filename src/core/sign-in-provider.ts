/** A provider of identities (OpenID Connect), as `chit.json` describes it. */
export interface SignInProvider {
  /** Part of the address of its callback. */
  readonly name: string;
  /** As the provider names itself: the claim `iss` of its tokens. */
  readonly issuer: string;
  readonly clientId: string;
  /** undefined for a client that has none, and proves by PKCE alone that it began the sign-in. */
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
  /** What the button says, by language; `''` is for every one. */
  readonly button: Readonly<Record<string, string>> | undefined;
  /** undefined for the first of several that gives a name. */
  readonly usernameClaim: string | undefined;
  readonly groupsClaim: string;
  /** Which group here a value of the claim stands for. */
  readonly groups: Readonly<Record<string, string>>;
  /** The values of the claim that make staff; undefined if the provider does not say who is. */
  readonly staff: readonly string[] | undefined;
  /** What claims have to contain, each at least one of the values. */
  readonly requires: Readonly<Record<string, readonly string[]>>;
  /** Whether who has the verified e-mail address of an account signs in to that account. */
  readonly matchesByEmail: boolean;
  /** Whether an invitation that keeps a username is for who has it at the provider. */
  readonly matchesByUsername: boolean;
  /** Whether every e-mail address that the provider gives counts as verified. */
  readonly isEmailVerified: boolean;
  /** Whether an account is made for who has none and is not invited. */
  readonly makesAccounts: boolean;
  /** Whether who signs out here is signed out at the provider too. */
  readonly signsOut: boolean;
}
