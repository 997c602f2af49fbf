/** What sentences about deeds are made of. */
import type { AdminUser } from '../types.ts';

/** A flag of the staff that is given or taken. */
export interface FlagChange {
  readonly is_staff?: boolean;
  readonly is_superuser?: boolean;
}

/** Those of a selection who can be disabled, and those who cannot. */
export interface Sorted {
  readonly able: readonly AdminUser[];
  readonly disabledBefore: readonly AdminUser[];
  readonly oneself: AdminUser | undefined;
  /** Superusers, if who asks is none. */
  readonly outOfReach: readonly AdminUser[];
}

/** What a booking gives, what it takes and for how many. */
export interface Sums {
  readonly accounts: number;
  readonly given: number;
  readonly taken: number;
}
