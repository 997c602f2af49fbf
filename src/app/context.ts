import type { CodeLimit, ExportLimit, LoginLimit, SignupLimit } from '../auth/attempt-limits.ts';
import type { FactorLimit } from '../auth/factor-limit.ts';
import type { InvitationCodes } from '../auth/invitation-codes.ts';
import type { KnownDevices } from '../auth/known-devices.ts';
import type { LdapChecks } from '../auth/ldap/ldap-checks.ts';
import type { LdapDirectories } from '../auth/ldap/ldap-directory.ts';
import type { OidcClients } from '../auth/oidc/oidc-clients.ts';
import type { Seal } from '../auth/seal.ts';
import type { SignInLimit } from '../auth/sign-in-limit.ts';
import type { Tickets } from '../auth/tickets.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { UnsubscribeTokens } from '../auth/unsubscribe-tokens.ts';
import type { VoucherCodes } from '../auth/voucher-codes.ts';
import type { AuditEntry } from '../core/audit-log.ts';
import type { Credits } from '../core/credits.ts';
import type { StaffSecondFactor } from '../core/proofs.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Catalogue } from '../models/catalogue.ts';
import type { ModelHealth } from '../models/model-health.ts';
import type { ToolCatalogue } from '../models/tools/tool-catalogue.ts';
import type { ApiKeyStore } from '../store/accounts/api-keys.ts';
import type { AttemptStore } from '../store/accounts/attempts.ts';
import type { EmailStore } from '../store/accounts/emails.ts';
import type { FactorStore } from '../store/accounts/factors.ts';
import type { IdentityStore } from '../store/accounts/identities.ts';
import type { ImportPlaceStore } from '../store/accounts/import-places.ts';
import type { OneTimeLinkStore } from '../store/accounts/one-time-links.ts';
import type { ProviderSessionStore } from '../store/accounts/provider-sessions.ts';
import type { RefreshTokenStore } from '../store/accounts/refresh-tokens.ts';
import type { RequesterStore } from '../store/accounts/requesters.ts';
import type { SignInAttemptStore } from '../store/accounts/sign-in-attempts.ts';
import type { SignInTrialStore } from '../store/accounts/sign-in-trials.ts';
import type { UserLists } from '../store/accounts/user-lists.ts';
import type { UsernameClaims } from '../store/accounts/username-claims.ts';
import type { UserStore } from '../store/accounts/users.ts';
import type { AdminKeyStore } from '../store/admin/admin-keys.ts';
import type { AuditLogStore } from '../store/admin/audit-log.ts';
import type { StaffMessageSearch } from '../store/admin/staff-message-search.ts';
import type { AssistantFileStore } from '../store/chat/assistant-files.ts';
import type { ConversationSearch } from '../store/chat/conversation-search.ts';
import type { ConversationStore } from '../store/chat/conversations.ts';
import type { FileStore } from '../store/chat/files.ts';
import type { FolderStore } from '../store/chat/folders.ts';
import type { ForeignChatStore } from '../store/chat/imported-chats.ts';
import type { MessageStore } from '../store/chat/messages.ts';
import type { PromptStore } from '../store/chat/prompts.ts';
import type { SearchIndex } from '../store/chat/search-index.ts';
import type { ShareStore } from '../store/chat/shares.ts';
import type { TitleGenerationStore } from '../store/chat/title-generations.ts';
import type { ToolLoopStore } from '../store/chat/tool-loops.ts';
import type { AccountPlanStore } from '../store/credits/account-plans.ts';
import type { CalendarStore } from '../store/credits/calendars.ts';
import type { LedgerVerifier } from '../store/credits/ledger-verifier.ts';
import type { LimitStore } from '../store/credits/limits.ts';
import type { PlanChangeStore } from '../store/credits/plan-changes.ts';
import type { PlanStore } from '../store/credits/plans.ts';
import type { TransferStore } from '../store/credits/transfers.ts';
import type { UserLimitStore } from '../store/credits/user-limits.ts';
import type { LdapUserStore } from '../store/directory/ldap-users.ts';
import type { ScimGroupStore } from '../store/directory/scim-groups.ts';
import type { ScimTokenStore } from '../store/directory/scim-tokens.ts';
import type { ScimUserStore } from '../store/directory/scim-users.ts';
import type { ImportStore } from '../store/django-import/imports.ts';
import type { GroupBudgetStore } from '../store/groups/group-budgets.ts';
import type { GroupLists } from '../store/groups/group-lists.ts';
import type { GroupUsageStore } from '../store/groups/group-usage.ts';
import type { GroupStore } from '../store/groups/groups.ts';
import type { InvitationClaims } from '../store/invitations/claims.ts';
import type { InvitationStore } from '../store/invitations/invitations.ts';
import type { HoldStore } from '../store/metering/holds.ts';
import type { IdempotencyKeyStore } from '../store/metering/idempotency-keys.ts';
import type { IdempotentResponseStore } from '../store/metering/idempotent-responses.ts';
import type { LeaseStore } from '../store/metering/leases.ts';
import type { LimitCountStore } from '../store/metering/limit-counts.ts';
import type { DeliveryStore } from '../store/notices/deliveries.ts';
import type { FailedMailStore } from '../store/notices/failed-mail.ts';
import type { MailSettingsStore } from '../store/notices/mail-settings.ts';
import type { NoticeStore } from '../store/notices/notices.ts';
import type { WatchStore } from '../store/notices/watches.ts';
import type { WebhookStore } from '../store/notices/webhooks.ts';
import type { RetentionStore } from '../store/operations/retention.ts';
import type { SiteAppearanceStore } from '../store/operations/site-appearance.ts';
import type { CompletedGenerationStore } from '../store/usage/completed-generations.ts';
import type { UsageStore } from '../store/usage/usage.ts';
import type { VoucherStore } from '../store/vouchers/vouchers.ts';
import type { LastSeenTracker } from './accounts/last-seen.ts';
import type { AllowedUsers } from './metering/allowed-users.ts';
import type { GenerationRegistry } from './metering/generation-registry.ts';
import type { Lease } from './metering/lease.ts';
import type { PlansInForce } from './metering/plans-in-force.ts';
import type { Turns } from './metering/turns.ts';
import type { UsageLimits } from './metering/usage-limits.ts';
import type { Mailer } from './notices/mail/mailer.ts';
import type { Post } from './notices/post-event.ts';
import type { Backups } from './operations/backups.ts';
import type { Subject } from './operations/doctor/subject.ts';
import type { HeavyReads } from './operations/heavy-reads.ts';
import type { ServedDeployment } from './operations/served-deployment.ts';
import type { Servers } from './operations/servers.ts';
import type { SiteLook } from './operations/site-look.ts';
import type { TypicalCosts } from './usage/typical-costs.ts';

/** The dependencies of all use cases. `compose.ts` builds it and closes what is behind it. */
export interface Context {
  readonly ledger: Ledger;
  readonly users: UserStore;
  /** Users for authentication, with the accounts that may pay for them. */
  readonly requesters: RequesterStore;
  readonly userLists: UserLists;
  readonly emails: EmailStore;
  /** Identities of users at providers of OpenID Connect. */
  readonly identities: IdentityStore;
  readonly signInAttempts: SignInAttemptStore;
  /** Sign-ins that staff only try. */
  readonly signInTrials: SignInTrialStore;
  readonly signInLimit: SignInLimit;
  /** What sessions have from their providers, and sign-outs that begin there. */
  readonly providerSessions: ProviderSessionStore;
  /** For ID tokens, which say who somebody is. */
  readonly idTokenSeal: Seal;
  readonly oidc: OidcClients;
  /** What users and operators are told. */
  readonly notices: NoticeStore;
  /** What notices become, and webhooks. */
  readonly deliveries: DeliveryStore;
  readonly webhooks: WebhookStore;
  readonly mailSettings: MailSettingsStore;
  /** Mail that was given up. */
  readonly failedMail: FailedMailStore;
  /** Finds what has to be told of in what was booked. */
  readonly watches: WatchStore;
  /** undefined if the site sends no mail. */
  readonly mail: OutgoingMail | undefined;
  readonly unsubscribeTokens: UnsubscribeTokens;
  /** Posts to webhooks: to public addresses only, unless a setting allows others. */
  readonly webhookPost: Post;
  /** For what mail and webhooks need that must not be readable in the database. */
  readonly outboxSeal: Seal;
  readonly usernameClaims: UsernameClaims;
  /** The users that models are reserved for, by `allow` in `chit.json`. */
  readonly allowedUsers: AllowedUsers;
  /** Erases all personal data of a user; see `store/accounts/erase-user.ts`. */
  readonly eraseUser: (id: number, entry: AuditEntry) => Promise<'erased' | 'busy'>;
  /** Overwrites what has been deleted until now in the files of the database. */
  readonly eraseRemains: () => Promise<void>;
  /** What directories say of users and groups by SCIM, and the tokens that they call with. */
  readonly scimTokens: ScimTokenStore;
  readonly scimUsers: ScimUserStore;
  readonly scimGroups: ScimGroupStore;
  /** The LDAP directory that `chit.json` names, and whom it signs in. */
  readonly ldap: LdapDirectories;
  readonly ldapUsers: LdapUserStore;
  readonly ldapChecks: LdapChecks;
  readonly oneTimeLinks: OneTimeLinkStore;
  readonly refreshTokens: RefreshTokenStore;
  readonly apiKeys: ApiKeyStore;
  /** Keys with which programs reach the routes of staff. */
  readonly adminKeys: AdminKeyStore;
  readonly messages: MessageStore;
  readonly conversations: ConversationStore;
  /** Messages whose models call tools. */
  readonly toolLoops: ToolLoopStore;
  /** The tools on offer. */
  readonly tools: ToolCatalogue;
  /** Files that are attached to messages. */
  readonly files: FileStore;
  readonly assistantFiles: AssistantFileStore;
  readonly folders: FolderStore;
  /** Also default instructions. */
  readonly prompts: PromptStore;
  readonly titleGenerations: TitleGenerationStore;
  readonly conversationSearch: ConversationSearch;
  /** What searches look up; written in the background. */
  readonly searchIndex: SearchIndex;
  readonly shares: ShareStore;
  readonly foreignChats: ForeignChatStore;
  /** Everything that models are generating in this process. */
  readonly generations: GenerationRegistry;
  readonly lastSeen: LastSeenTracker;
  readonly transfers: TransferStore;
  readonly limits: LimitStore;
  readonly userLimits: UserLimitStore;
  readonly plans: PlanStore;
  readonly planChanges: PlanChangeStore;
  readonly accountPlans: AccountPlanStore;
  readonly calendars: CalendarStore;
  readonly groups: GroupStore;
  readonly groupLists: GroupLists;
  readonly groupBudgets: GroupBudgetStore;
  readonly groupUsage: GroupUsageStore;
  readonly holds: HoldStore;
  readonly leases: LeaseStore;
  readonly idempotencyKeys: IdempotencyKeyStore;
  readonly idempotentResponses: IdempotentResponseStore;
  readonly staffMessageSearch: StaffMessageSearch;
  readonly imports: ImportStore;
  readonly ledgerVerifier: LedgerVerifier;
  readonly completedGenerations: CompletedGenerationStore;
  /** The same for reports, which can take long. */
  readonly recentGenerations: CompletedGenerationStore;
  readonly usage: UsageStore;
  readonly typicalCosts: TypicalCosts;
  readonly auditLog: AuditLogStore;
  /** Everything that can take long to read goes through it, in turn. */
  readonly heavyReads: HeavyReads;
  /** The lease for the holds of this process. `BackgroundJobs` starts and ends it. */
  readonly lease: Lease;
  /** What `chit.json` said when it was read last; it can be read again. */
  readonly deployment: ServedDeployment;
  readonly catalogue: Catalogue;
  readonly modelHealth: ModelHealth;
  readonly tokens: Tokens;
  readonly knownDevices: KnownDevices;
  readonly attempts: AttemptStore;
  readonly loginLimit: LoginLimit;
  readonly factorLimit: FactorLimit;
  /** Second factors and passkeys. */
  readonly factors: FactorStore;
  /** Between two steps of a sign-in. */
  readonly tickets: Tickets;
  /** Seals the secrets of authenticator apps. */
  readonly totpSeal: Seal;
  readonly signupLimit: SignupLimit;
  /** Requests that wait for credits that running requests hold. */
  readonly turns: Turns;
  readonly usageLimits: UsageLimits;
  readonly servers: Servers;
  /** undefined on SQLite, where no other server can be. */
  readonly limitCounts: LimitCountStore | undefined;
  readonly importPlaces: ImportPlaceStore;
  readonly vouchers: VoucherStore;
  readonly voucherCodes: VoucherCodes;
  readonly voucherLimit: CodeLimit;
  readonly invitations: InvitationStore;
  readonly invitationClaims: InvitationClaims;
  readonly invitationCodes: InvitationCodes;
  readonly invitationLimit: CodeLimit;
  readonly exportLimit: ExportLimit;
  /** What plans limit, as it is cached. */
  readonly plansInForce: PlansInForce;
  readonly backups: Backups;
  /** What `chit doctor` examines, as this server sees it now. */
  readonly examined: () => Subject;
  readonly siteAppearance: SiteAppearanceStore;
  /** What the site is called and looks like, in memory: `look.name` for mail and sheets. */
  readonly look: SiteLook;
  /** Deletes what is older than it is kept. */
  readonly retention: RetentionStore;
  readonly policy: Policy;
  /** The time, in milliseconds since 1970 UTC. */
  readonly now: () => number;
}

/** Mail that the site sends. */
export interface OutgoingMail {
  readonly mailer: Mailer;
  /** The most that this process sends in a minute. */
  readonly perMinute: number;
  /** Where links in mail lead, without a slash at the end. */
  readonly publicUrl: string;
  /** The address that it is from. */
  readonly from: string;
  /** The server that takes it: its name and port. */
  readonly server: string;
}

/** How long things are kept, in milliseconds; undefined for ever. */
export interface Retention {
  /** The words of chats, from the last message of a conversation on. */
  readonly chatsMs: number | undefined;
  readonly auditLogMs: number | undefined;
  /** Sums of usage by hour and by day. */
  readonly usageMs: number | undefined;
}

/** The choices of a deployment. */
export interface Policy {
  readonly isSignupOpen: boolean;
  /** Whether Chit's own passwords sign in. */
  readonly isPasswordLoginOn: boolean;
  readonly signupCredits: Credits;
  readonly passwordMinLength: number;
  readonly staffSecondFactor: StaffSecondFactor;
  /** Giving more at once needs a fresh proof of who gives it. */
  readonly proofAboveCredits: Credits;
  /** Names of the program and of the site, which are no passwords. */
  readonly siteWords: readonly string[];
  /** The longest message of a chat, in code points. */
  readonly messageLimitCharacters: number;
  /** What all files of a user may have together, in bytes. */
  readonly filesQuotaBytes: number;
  /** What those of the assistants of a group may have together, and those for everybody. */
  readonly sharedFilesQuotaBytes: number;
  /** A balance that pays for less output than this is insufficient. */
  readonly minOutputTokens: number;
  /** The model that makes titles of chats after their first reply; undefined for first lines. */
  readonly titleModel: string | undefined;
  /** Whether staff can read users' chats; every access is logged with its reason. */
  readonly canStaffReadChats: boolean;
  /** Whom users should contact for an account or tokens, if given. */
  readonly contact: string | undefined;
  /** How long after a crash of a server other servers end its holds. */
  readonly leaseMs: number;
  /** A client under `/v1/` that takes nothing for this long is cut off. */
  readonly readerTimeoutMs: number;
  /** How long a request waits for credits that running requests hold. */
  readonly turnWaitMs: number;
  /** How long a model is read on for its usage when its client has left; 0 to abort at once. */
  readonly readOnMs: number;
  /** A balance below this is low; 0 for never. */
  readonly lowBalanceCredits: Credits;
  /** The IANA name of the time zone in which people are told times outside of the page. */
  readonly timeZone: string;
  /** Whether webhooks may be at private addresses. */
  readonly hasPrivateWebhooks: boolean;
  /** How long words, logs and usage are kept. */
  readonly retention: Retention;
}
