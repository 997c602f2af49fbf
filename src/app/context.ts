import type { LoginLimit, SignupLimit } from '../auth/attempt-limits.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { AuditEntry } from '../core/audit-log.ts';
import type { Credits } from '../core/credits.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Catalogue } from '../models/catalogue.ts';
import type { ApiKeyStore } from '../store/api-keys.ts';
import type { AuditStore } from '../store/audit.ts';
import type { AuditLogStore } from '../store/audit-log.ts';
import type { BookStore } from '../store/book.ts';
import type { BookedUseStore } from '../store/booked-use.ts';
import type { ChatStore } from '../store/chats.ts';
import type { ConversationStore } from '../store/conversations.ts';
import type { HoldStore } from '../store/holds.ts';
import type { IdempotencyKeyStore } from '../store/idempotency-keys.ts';
import type { ImportStore } from '../store/imports.ts';
import type { KeptAnswerStore } from '../store/kept-answers.ts';
import type { LeaseStore } from '../store/leases.ts';
import type { MessageStore } from '../store/messages.ts';
import type { OneTimeLinkStore } from '../store/one-time-links.ts';
import type { RefreshTokenStore } from '../store/refresh-tokens.ts';
import type { UsageStore } from '../store/usage.ts';
import type { UserLists } from '../store/user-lists.ts';
import type { UserStore } from '../store/users.ts';
import type { Generations } from './generations.ts';
import type { Running } from './running.ts';
import type { Sightings } from './sightings.ts';
import type { UsageLimits } from './usage-limits.ts';

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
  /** Replies that this process is writing. */
  readonly generations: Generations;
  /** All that models are writing in this process. */
  readonly running: Running;
  readonly sightings: Sightings;
  readonly book: BookStore;
  readonly holds: HoldStore;
  readonly leases: LeaseStore;
  readonly idempotencyKeys: IdempotencyKeyStore;
  readonly keptAnswers: KeptAnswerStore;
  readonly chats: ChatStore;
  readonly imports: ImportStore;
  readonly audit: AuditStore;
  readonly bookedUse: BookedUseStore;
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
  readonly doStaffReadChats: boolean;
  /** Whom users are told to ask, if anybody is named. */
  readonly contact: string | undefined;
  /** The holds of a server that died are ended after this long. */
  readonly leaseMs: number;
}
