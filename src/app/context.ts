import type { LoginLimit, SignupLimit } from '../auth/attempt-limits.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { AuditEntry } from '../core/audit-log.ts';
import type { Credits } from '../core/credits.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Catalogue } from '../models/catalogue.ts';
import type { ApiKeyStore } from '../store/accounts/api-keys.ts';
import type { OneTimeLinkStore } from '../store/accounts/one-time-links.ts';
import type { RefreshTokenStore } from '../store/accounts/refresh-tokens.ts';
import type { UserLists } from '../store/accounts/user-lists.ts';
import type { UserStore } from '../store/accounts/users.ts';
import type { AuditLogStore } from '../store/admin/audit-log.ts';
import type { StaffMessageSearch } from '../store/admin/staff-message-search.ts';
import type { ConversationStore } from '../store/chat/conversations.ts';
import type { MessageStore } from '../store/chat/messages.ts';
import type { LedgerVerifier } from '../store/credits/ledger-verifier.ts';
import type { TransferStore } from '../store/credits/transfers.ts';
import type { ImportStore } from '../store/django-import/imports.ts';
import type { HoldStore } from '../store/metering/holds.ts';
import type { IdempotencyKeyStore } from '../store/metering/idempotency-keys.ts';
import type { IdempotentResponseStore } from '../store/metering/idempotent-responses.ts';
import type { LeaseStore } from '../store/metering/leases.ts';
import type { CompletedGenerationStore } from '../store/usage/completed-generations.ts';
import type { UsageStore } from '../store/usage/usage.ts';
import type { LastSeenTracker } from './accounts/last-seen.ts';
import type { GenerationRegistry } from './metering/generation-registry.ts';
import type { UsageLimits } from './metering/usage-limits.ts';

/** Everything that use cases work with. `compose.ts` builds one and closes what is behind it. */
export interface Context {
  readonly ledger: Ledger;
  readonly users: UserStore;
  readonly userLists: UserLists;
  /** Takes away everything personal of a user; see `store/erase-user.ts`. */
  readonly eraseUser: (id: number, entry: AuditEntry) => Promise<'erased' | 'busy'>;
  readonly oneTimeLinks: OneTimeLinkStore;
  readonly refreshTokens: RefreshTokenStore;
  readonly apiKeys: ApiKeyStore;
  readonly messages: MessageStore;
  readonly conversations: ConversationStore;
  /** Everything that models are generating in this process. */
  readonly generations: GenerationRegistry;
  readonly lastSeen: LastSeenTracker;
  readonly transfers: TransferStore;
  readonly holds: HoldStore;
  readonly leases: LeaseStore;
  readonly idempotencyKeys: IdempotencyKeyStore;
  readonly idempotentResponses: IdempotentResponseStore;
  readonly staffMessageSearch: StaffMessageSearch;
  readonly imports: ImportStore;
  readonly ledgerVerifier: LedgerVerifier;
  readonly completedGenerations: CompletedGenerationStore;
  readonly usage: UsageStore;
  readonly auditLog: AuditLogStore;
  /** The lease under which this process makes holds. Taken and renewed by `Upkeep`. */
  readonly leaseId: string;
  readonly catalogue: Catalogue;
  readonly tokens: Tokens;
  readonly loginLimit: LoginLimit;
  readonly signupLimit: SignupLimit;
  readonly usageLimits: UsageLimits;
  readonly policy: Policy;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

/** What a deployment decides. */
export interface Policy {
  readonly isSignupOpen: boolean;
  readonly signupCredits: Credits;
  readonly passwordMinLength: number;
  /** A balance that pays for less output than this is not enough. */
  readonly minOutputTokens: number;
  /** Whether staff can look at what users write; each look is logged with its reason. */
  readonly canStaffReadChats: boolean;
  /** Whom users are told to ask, if anybody is named. */
  readonly contact: string | undefined;
  /** The holds of a server that died are ended after this long. */
  readonly leaseMs: number;
}
