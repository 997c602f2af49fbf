import type { LoginLimit, SignupLimit } from '../auth/attempt-limits.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { Credits } from '../core/credits.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Catalogue } from '../models/catalogue.ts';
import type { RefreshTokenStore } from '../store/refresh-tokens.ts';
import type { UserStore } from '../store/users.ts';

/** Everything that use cases work with. `compose.ts` builds one and closes what is behind it. */
export interface Context {
  readonly ledger: Ledger;
  readonly users: UserStore;
  readonly refreshTokens: RefreshTokenStore;
  readonly catalogue: Catalogue;
  readonly tokens: Tokens;
  readonly loginLimit: LoginLimit;
  readonly signupLimit: SignupLimit;
  readonly policy: AccountPolicy;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

/** What a deployment decides about accounts. */
export interface AccountPolicy {
  readonly isSignupOpen: boolean;
  readonly signupCredits: Credits;
  readonly passwordMinLength: number;
}
