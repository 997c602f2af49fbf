/** Builds the program from its settings. The only module that imports from every room. */

import { LastSeenTracker } from './app/accounts/last-seen.ts';
import type { Context } from './app/context.ts';
import { AllowedUsers } from './app/metering/allowed-users.ts';
import { GenerationRegistry } from './app/metering/generation-registry.ts';
import { Lease } from './app/metering/lease.ts';
import { limitsOf } from './app/metering/limits-in-force.ts';
import { PlansInForce } from './app/metering/plans-in-force.ts';
import { WINDOW_MS } from './app/metering/shared-counts.ts';
import { Turns } from './app/metering/turns.ts';
import { UsageLimits } from './app/metering/usage-limits.ts';
import { Backups } from './app/operations/backups.ts';
import { HeavyReads } from './app/operations/heavy-reads.ts';
import { ServedDeployment } from './app/operations/served-deployment.ts';
import { GONE_AFTER_MS, keyFingerprint, Servers } from './app/operations/servers.ts';
import { SiteLook } from './app/operations/site-look.ts';
import { TypicalCosts } from './app/usage/typical-costs.ts';
import { CodeLimit, ExportLimit, LoginLimit, SignupLimit } from './auth/attempt-limits.ts';
import { FactorLimit } from './auth/factor-limit.ts';
import { InvitationCodes } from './auth/invitation-codes.ts';
import { KnownDevices } from './auth/known-devices.ts';
import { LdapChecks } from './auth/ldap/ldap-checks.ts';
import { LdapDirectories } from './auth/ldap/ldap-directory.ts';
import { OidcClients } from './auth/oidc/oidc-clients.ts';
import { Seal } from './auth/seal.ts';
import { loadOrCreateSecretKey, secretKeyPath } from './auth/secret-key.ts';
import { SignInLimit } from './auth/sign-in-limit.ts';
import { Tickets } from './auth/tickets.ts';
import { Tokens } from './auth/tokens.ts';
import { UnsubscribeTokens } from './auth/unsubscribe-tokens.ts';
import { VoucherCodes } from './auth/voucher-codes.ts';
import { backupSourceOf, upgrade } from './compose/backups-of.ts';
import { readDeploymentFile, toConfigError } from './compose/deployment-of.ts';
import { subjectOfServer } from './compose/examined.ts';
import { openRestored } from './compose/open-restored.ts';
import { mailOf, webhookFetchOf } from './compose/outgoing.ts';
import { watchersOf } from './compose/watchers-of.ts';
import { backupFolderOf, type Config, ConfigError, dataFolderOf } from './config.ts';
import type { Deployment } from './core/deployment.ts';
import { siteWordsOf } from './core/password-rules.ts';
import { DEFAULT_TOOL_ROUNDS } from './core/tools.ts';
import type { Server } from './http/server.ts';
import type { LedgerEngine } from './ledger/engine.ts';
import { Ledger } from './ledger/ledger.ts';
import { PostgresLedgerEngine } from './ledger/postgres/engine.ts';
import { ledgerFunctions } from './ledger/postgres/functions.ts';
import { SqliteLedgerEngine } from './ledger/sqlite/engine.ts';
import { Catalogue, type Model } from './models/catalogue.ts';
import { createModels } from './models/create-models.ts';
import { DeploymentError } from './models/deployment-file/deployment-error.ts';
import { ModelHealth } from './models/model-health.ts';
import { createTools, ToolCatalogue } from './models/tools/tool-catalogue.ts';
import { AllowedUserStore } from './store/accounts/allowed-users.ts';
import { ApiKeyStore } from './store/accounts/api-keys.ts';
import { AttemptStore } from './store/accounts/attempts.ts';
import { EmailStore } from './store/accounts/emails.ts';
import { eraseUser } from './store/accounts/erase-user.ts';
import { FactorStore } from './store/accounts/factors.ts';
import { IdentityStore } from './store/accounts/identities.ts';
import { ImportPlaceStore } from './store/accounts/import-places.ts';
import { OneTimeLinkStore } from './store/accounts/one-time-links.ts';
import { ProviderSessionStore } from './store/accounts/provider-sessions.ts';
import { RefreshTokenStore } from './store/accounts/refresh-tokens.ts';
import { RequesterStore } from './store/accounts/requesters.ts';
import { SignInAttemptStore } from './store/accounts/sign-in-attempts.ts';
import { SignInTrialStore } from './store/accounts/sign-in-trials.ts';
import { UserLists } from './store/accounts/user-lists.ts';
import { UsernameClaims } from './store/accounts/username-claims.ts';
import { UserStore } from './store/accounts/users.ts';
import { AdminKeyStore } from './store/admin/admin-keys.ts';
import { AuditLogStore } from './store/admin/audit-log.ts';
import { StaffMessageSearch } from './store/admin/staff-message-search.ts';
import { AssistantFileStore } from './store/chat/assistant-files.ts';
import { ConversationSearch } from './store/chat/conversation-search.ts';
import { ConversationStore } from './store/chat/conversations.ts';
import { FileStore } from './store/chat/files.ts';
import { FolderStore } from './store/chat/folders.ts';
import { ForeignChatStore } from './store/chat/imported-chats.ts';
import { MessageStore } from './store/chat/messages.ts';
import { PromptStore } from './store/chat/prompts.ts';
import { SearchIndex } from './store/chat/search-index.ts';
import { ShareStore } from './store/chat/shares.ts';
import { TitleGenerationStore } from './store/chat/title-generations.ts';
import { ToolLoopStore } from './store/chat/tool-loops.ts';
import { AccountPlanStore } from './store/credits/account-plans.ts';
import { CalendarStore } from './store/credits/calendars.ts';
import { LedgerVerifier } from './store/credits/ledger-verifier.ts';
import { LimitStore } from './store/credits/limits.ts';
import { PlanChangeStore } from './store/credits/plan-changes.ts';
import { PlanStore } from './store/credits/plans.ts';
import { TransferStore } from './store/credits/transfers.ts';
import { UserLimitStore } from './store/credits/user-limits.ts';
import type { ConnectionCount, LedgerBase } from './store/database/dialect.ts';
import { longerIfNeeded } from './store/database/longer-if-needed.ts';
import { FIRST_MIGRATION } from './store/database/migrate.ts';
import { LdapUserStore } from './store/directory/ldap-users.ts';
import { ScimGroupStore } from './store/directory/scim-groups.ts';
import { ScimTokenStore } from './store/directory/scim-tokens.ts';
import { ScimUserStore } from './store/directory/scim-users.ts';
import { ImportStore } from './store/django-import/imports.ts';
import { GroupBudgetStore } from './store/groups/group-budgets.ts';
import { GroupLists } from './store/groups/group-lists.ts';
import { GroupUsageStore } from './store/groups/group-usage.ts';
import { GroupStore } from './store/groups/groups.ts';
import { InvitationClaims } from './store/invitations/claims.ts';
import { InvitationStore } from './store/invitations/invitations.ts';
import { HoldStore } from './store/metering/holds.ts';
import { IdempotencyKeyStore } from './store/metering/idempotency-keys.ts';
import { IdempotentResponseStore } from './store/metering/idempotent-responses.ts';
import { LeaseStore } from './store/metering/leases.ts';
import { LimitCountStore } from './store/metering/limit-counts.ts';
import { DeliveryStore } from './store/notices/deliveries.ts';
import { FailedMailStore } from './store/notices/failed-mail.ts';
import { MailSettingsStore } from './store/notices/mail-settings.ts';
import { NoticeStore } from './store/notices/notices.ts';
import { WatchStore } from './store/notices/watches.ts';
import { WebhookStore } from './store/notices/webhooks.ts';
import { finishRestore } from './store/operations/restore-files.ts';
import { RetentionStore } from './store/operations/retention.ts';
import { ServerStore } from './store/operations/servers.ts';
import { SiteAppearanceStore } from './store/operations/site-appearance.ts';
import { CompletedGenerationStore } from './store/usage/completed-generations.ts';
import { RecentCostStore } from './store/usage/recent-costs.ts';
import { UsageStore } from './store/usage/usage.ts';
import { VoucherStore } from './store/vouchers/vouchers.ts';

export interface Chit {
  readonly context: Context;
  /** Names of the migrations that were applied. */
  readonly migrated: readonly string[];
  /** The connections to the database at present. */
  connections(): readonly ConnectionCount[];
  /** Whether the database had no tables before. */
  readonly isNewDatabase: boolean;
  /** Sentences about the database that whoever runs the server should read. */
  readonly remarks: readonly string[];
  /** Waits until all that was accepted is durable, then closes the database. */
  close(): Promise<void>;
  /** Work to be done when it closes, after all is durable. */
  atClose(work: () => Promise<void>): void;
}

export interface OpenOptions {
  /** Whether a missing SQLite file is created. */
  readonly mayCreate?: boolean;
  /** Told what the operator should know of an upgrade. */
  readonly onNotice?: (notice: string) => void;
}

/**
 * How much longer than a query may take a caller of the ledger waits: its command may wait for a
 * batch, and is sent again if the connection was dead.
 */
const ANSWER_AFTER_QUERY_MS = 1_500;
const HOUR_MS = 3_600_000;
const MEGABYTE = 1_000_000;
const WITHOUT_FILE = new DeploymentError(['The models of this server are not from a file.']);

/**
 * Opens the database, migrates it and builds everything.
 * @param models replace those of the deployment, in tests
 * @throws DatabaseMissing if there is no database and none may be created
 */
export async function openChit(
  config: Config,
  models?: readonly Model[],
  { mayCreate = true, onNotice = () => undefined }: OpenOptions = {},
): Promise<Chit> {
  // With its `chit.json`.
  finishRestore(dataFolderOf(config));
  const read = models ? undefined : await readDeploymentFile(config).catch(toConfigError);
  const modelHealth = new ModelHealth();
  const catalogue = await catalogueOf(read?.deployment, models, modelHealth);
  const tools = await toolsOf(read?.deployment);
  requireTitleModel(config, catalogue);
  const deployment = new ServedDeployment(read, {
    read: () => (models ? Promise.reject(WITHOUT_FILE) : readDeploymentFile(config)),
    settings: config,
    now: Date.now,
  });
  const queryMs = config.queryTimeoutSeconds * 1000;
  // What waits for a lock must have time left for its work, and to say that it is locked.
  const limits = { queryMs, lockMs: Math.min(config.lockTimeoutSeconds * 1000, queryMs / 2) };
  const proofOfUse = secretKeyPath(dataFolderOf(config));
  const options = { limits, mayCreate, proofOfUse };
  const database = await openRestored(config.databaseUrl, dataFolderOf(config), options);
  try {
    const migrate = () => database.migrate(ledgerFunctions);
    const migrated = await upgrade(database, config, { migrate, onNotice });
    const { kysely, forLongWork, clockMs, matching } = database;
    const { kysely: reads, atOnce } = database.reads;
    const ledger = new Ledger(engineOn(database.base, limits.lockMs), {
      answerMs: limits.queryMs + ANSWER_AFTER_QUERY_MS,
    });
    const secretKey = config.secretKey || loadOrCreateSecretKey(dataFolderOf(config));
    const users = new UserStore(kysely);
    const attempts = new AttemptStore(kysely, Date.now);
    const generations = new GenerationRegistry();
    const plans = new PlanStore(kysely, reads);
    const accountPlans = new AccountPlanStore(kysely, forLongWork);
    const planChanges = new PlanChangeStore(kysely);
    const plansInForce = new PlansInForce(plans, accountPlans, Date.now);
    const holds = new HoldStore(kysely);
    const leases = new LeaseStore(kysely, clockMs);
    const leaseMs = config.leaseSeconds * 1000;
    const isAlone = database.base.postgres === undefined;
    const servers = new Servers(isAlone ? undefined : new ServerStore(kysely), () => ({
      secretKey: keyFingerprint(secretKey),
      deployment: deployment.fingerprint,
    }));
    const limitCounts = isAlone ? undefined : new LimitCountStore(kysely);
    const mail = mailOf(config);
    const webhookFetch = webhookFetchOf(config);
    const auditLog = new AuditLogStore(kysely, reads, matching);
    const siteAppearance = new SiteAppearanceStore(kysely);
    const context: Context = {
      ledger,
      users,
      emails: new EmailStore(kysely),
      identities: new IdentityStore(kysely),
      signInAttempts: new SignInAttemptStore(kysely),
      signInTrials: new SignInTrialStore(kysely),
      signInLimit: new SignInLimit(attempts),
      providerSessions: new ProviderSessionStore(kysely),
      idTokenSeal: new Seal(secretKey, 'id tokens'),
      oidc: new OidcClients({ fetch, now: Date.now }),
      notices: new NoticeStore(kysely),
      deliveries: new DeliveryStore(kysely),
      webhooks: new WebhookStore(kysely),
      watches: new WatchStore(kysely, reads),
      mailSettings: new MailSettingsStore(kysely),
      failedMail: new FailedMailStore(kysely),
      mail,
      unsubscribeTokens: new UnsubscribeTokens(secretKey),
      webhookPost: (url, init) => webhookFetch.fetch(url, init),
      outboxSeal: new Seal(secretKey, 'outbox'),
      usernameClaims: new UsernameClaims(kysely),
      allowedUsers: new AllowedUsers(users, new AllowedUserStore(kysely), [
        ...catalogue.all,
        ...tools.all.map(({ settings }) => settings),
      ]),
      requesters: new RequesterStore(kysely),
      userLists: new UserLists(reads),
      eraseUser: (id, entry) =>
        longerIfNeeded({ limited: kysely, unlimited: forLongWork }, (db) =>
          eraseUser(db, id, entry),
        ),
      eraseRemains: () => database.eraseRemains(),
      scimTokens: new ScimTokenStore(kysely),
      scimUsers: new ScimUserStore(kysely, reads),
      scimGroups: new ScimGroupStore(kysely, reads),
      ldap: new LdapDirectories(() => deployment.current.deployment.ldap),
      ldapUsers: new LdapUserStore(kysely),
      ldapChecks: new LdapChecks(),
      oneTimeLinks: new OneTimeLinkStore(kysely),
      refreshTokens: new RefreshTokenStore(kysely),
      apiKeys: new ApiKeyStore(kysely),
      adminKeys: new AdminKeyStore(kysely),
      messages: new MessageStore(kysely, reads),
      toolLoops: new ToolLoopStore(kysely),
      tools,
      files: new FileStore(kysely),
      assistantFiles: new AssistantFileStore(kysely),
      shares: new ShareStore(kysely),
      foreignChats: new ForeignChatStore(kysely, reads),
      conversations: new ConversationStore(kysely, forLongWork, Date.now),
      folders: new FolderStore(kysely),
      prompts: new PromptStore(kysely),
      titleGenerations: new TitleGenerationStore(kysely),
      conversationSearch: new ConversationSearch(reads, matching, database.kind, Date.now),
      searchIndex: new SearchIndex(forLongWork, reads, { database: database.kind }),
      generations,
      lastSeen: new LastSeenTracker(),
      transfers: new TransferStore(kysely),
      limits: new LimitStore(kysely),
      userLimits: new UserLimitStore(kysely),
      plans,
      accountPlans,
      planChanges,
      calendars: new CalendarStore(kysely),
      plansInForce,
      groups: new GroupStore(kysely),
      groupLists: new GroupLists(kysely, reads, matching),
      groupBudgets: new GroupBudgetStore(kysely),
      groupUsage: new GroupUsageStore(reads),
      holds,
      leases,
      idempotencyKeys: new IdempotencyKeyStore(kysely),
      idempotentResponses: new IdempotentResponseStore(kysely),
      staffMessageSearch: new StaffMessageSearch(reads, matching),
      imports: new ImportStore(forLongWork),
      ledgerVerifier: new LedgerVerifier(forLongWork, database.storageFaults),
      completedGenerations: new CompletedGenerationStore(forLongWork),
      recentGenerations: new CompletedGenerationStore(reads),
      usage: new UsageStore(forLongWork, reads, clockMs),
      typicalCosts: new TypicalCosts(new RecentCostStore(reads), Date.now),
      auditLog,
      heavyReads: new HeavyReads({ atOnce }),
      deployment,
      lease: new Lease(leaseMs, { leases, generations }),
      catalogue,
      modelHealth,
      tokens: new Tokens({
        secretKey,
        accessMinutes: config.accessTokenMinutes,
        refreshDays: config.refreshTokenDays,
        sessionDays: config.sessionDays,
        sessionMostDays: config.sessionMostDays,
      }),
      knownDevices: new KnownDevices(secretKey),
      attempts,
      loginLimit: new LoginLimit(attempts),
      factorLimit: new FactorLimit(attempts),
      factors: new FactorStore(kysely),
      tickets: new Tickets(secretKey),
      totpSeal: new Seal(secretKey, 'totp'),
      signupLimit: new SignupLimit(attempts, config.signupsPerHour),
      turns: new Turns(),
      usageLimits: usageLimitsOf(deployment, servers, limitCounts),
      servers,
      limitCounts,
      importPlaces: new ImportPlaceStore(kysely),
      vouchers: new VoucherStore(kysely, reads),
      voucherCodes: new VoucherCodes(secretKey),
      voucherLimit: new CodeLimit(attempts, 'voucher'),
      invitations: new InvitationStore(kysely, reads, matching),
      invitationClaims: new InvitationClaims(kysely),
      invitationCodes: new InvitationCodes(secretKey),
      invitationLimit: new CodeLimit(attempts, 'invitation'),
      backups: new Backups(
        {
          ...backupSourceOf(config),
          secretKey,
          folder: backupFolderOf(config),
          everyMs: config.backupEveryHours * HOUR_MS,
        },
        { now: Date.now, auditLog },
      ),
      examined: () => subjectOfServer(config, { deployment, catalogue, modelHealth, secretKey }),
      siteAppearance,
      look: new SiteLook(siteAppearance),
      retention: new RetentionStore(kysely, reads),
      exportLimit: new ExportLimit(attempts),
      policy: {
        isSignupOpen: config.signup === 'open' && config.passwordLogin,
        isPasswordLoginOn: config.passwordLogin,
        signupCredits: config.signupTokens,
        passwordMinLength: config.passwordMinLength,
        staffSecondFactor: config.staffSecondFactor,
        proofAboveCredits: config.proofAboveTokens,
        siteWords: siteWordsOf(config.publicUrl),
        messageLimitCharacters: config.messageLimitCharacters,
        filesQuotaBytes: config.filesQuotaMegabytes * MEGABYTE,
        sharedFilesQuotaBytes: config.sharedFilesQuotaMegabytes * MEGABYTE,
        minOutputTokens: config.minOutputTokens,
        titleModel: config.titleModel || undefined,
        canStaffReadChats: config.staffReadsChats,
        contact: config.contact || undefined,
        leaseMs,
        readerTimeoutMs: config.readerTimeoutSeconds * 1000,
        turnWaitMs: config.turnWaitSeconds * 1000,
        readOnMs: config.readOnSeconds * 1000,
        lowBalanceCredits: config.lowBalanceTokens,
        timeZone: config.timeZone,
        hasPrivateWebhooks: config.webhooksPrivate,
        retention: {
          chatsMs: daysMs(config.keepChatsDays),
          auditLogMs: daysMs(config.keepAuditLogDays),
          usageMs: daysMs(config.keepUsageDays),
        },
      },
      now: Date.now,
    };
    await plansInForce.refresh();
    await context.look.refresh();
    const lastWork: (() => Promise<void>)[] = [];
    const atClose = (work: () => Promise<void>) => void lastWork.push(work);
    const close = async () => {
      await ledger.close();
      for (const work of lastWork) await work();
      await context.catalogue.close();
      await context.tools.close();
      mail?.mailer.close();
      await webhookFetch.close();
      await database.close();
    };
    const isNewDatabase = migrated.includes(FIRST_MIGRATION);
    const connections = () => database.connections();
    const remarks = remarksOn(database.base);
    return { context, migrated, isNewDatabase, remarks, connections, close, atClose };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** 0 is for ever. */
function daysMs(days: number): number | undefined {
  return days === 0 ? undefined : days * 24 * HOUR_MS;
}

function remarksOn(base: LedgerBase): string[] {
  if (base.sqlite || base.isLockLimited()) return [];
  return [
    'the database is behind a pooler that sets no limits for a session: queries are only given ' +
      'up by this server, and go on in the database. Limit them for its role: ' +
      "ALTER ROLE … SET statement_timeout = '3s'",
  ];
}

/** Limits that are shared with the other servers, if there can be any. */
function usageLimitsOf(
  { limits }: ServedDeployment,
  servers: Servers,
  limitCounts: LimitCountStore | undefined,
): UsageLimits {
  const times = { windowMs: WINDOW_MS, goneAfterMs: GONE_AFTER_MS };
  const usageLimits = new UsageLimits(
    { account: limitsOf(limits, 'account'), key: limitsOf(limits, 'key') },
    limitCounts && ((requests) => limitCounts.share(servers.id, requests, times)),
  );
  servers.onLooked = (hasOthers) => usageLimits.counts.noteServers(hasOthers);
  return usageLimits;
}

async function catalogueOf(
  deployment: Deployment | undefined,
  models: readonly Model[] | undefined,
  modelHealth: ModelHealth,
): Promise<Catalogue> {
  if (!deployment) return new Catalogue(models ?? []);
  const offered = await createModels(deployment, {
    onRest: modelHealth.noteRest,
    onFailure: modelHealth.noteFailure,
  });
  return new Catalogue(offered, deployment.defaultModel, deployment.aliases);
}

async function toolsOf(deployment: Deployment | undefined): Promise<ToolCatalogue> {
  const { tools = [], toolRounds = DEFAULT_TOOL_ROUNDS } = deployment ?? {};
  return new ToolCatalogue(await createTools(tools), toolRounds);
}

/** @throws ConfigError */
function requireTitleModel({ titleModel }: Config, catalogue: Catalogue): void {
  if (titleModel === '' || catalogue.find(titleModel)) return;
  throw new ConfigError(`CHIT_TITLE_MODEL: there is no model "${titleModel}".`);
}

function engineOn(base: LedgerBase, lockMs: number): LedgerEngine {
  return base.sqlite
    ? new SqliteLedgerEngine(base.sqlite)
    : new PostgresLedgerEngine(base.postgres, {
        long: base.long,
        lockMs,
        isLockLimited: base.isLockLimited(),
      });
}

/** The HTTP server of an open Chit; not listening yet. */
export async function serverFor(chit: Chit, config: Config): Promise<Server> {
  // Imported here, since it is the larger half of the program and only `serve` needs it.
  const { buildServer } = await import('./http/server.ts');
  const { observers, traces, metrics } = await watchersOf(chit, config);
  const server = await buildServer(chit.context, {
    observers,
    metrics,
    logLevel: config.logLevel,
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    bodyLimitBytes: config.bodyLimitBytes,
    gatewayBodyLimitBytes: config.gatewayBodyLimitBytes,
    requestTimeoutMs: config.requestTimeoutSeconds * 1000,
    stopDelayMs: config.stopDelaySeconds * 1000,
    publicUrl: config.publicUrl,
    shown: config.shown,
  });
  if (traces) {
    for (const fault of traces.faults) server.log.warn(fault);
    traces.onError = (reason) => server.log.warn({ reason }, 'traces are lost');
  }
  return server;
}
