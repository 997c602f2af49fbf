/** Builds the program from its settings. The only module that imports from every room. */
import { existsSync, readFileSync } from 'node:fs';
import { LastSeenTracker } from './app/accounts/last-seen.ts';
import type { Context } from './app/context.ts';
import { newId } from './app/ids.ts';
import { GenerationRegistry } from './app/metering/generation-registry.ts';
import { UsageLimits } from './app/metering/usage-limits.ts';
import { HeavyReads } from './app/operations/heavy-reads.ts';
import { LoginLimit, SignupLimit } from './auth/attempt-limits.ts';
import { loadOrCreateSecretKey } from './auth/secret-key.ts';
import { Tokens } from './auth/tokens.ts';
import { type Config, ConfigError, dataFolderOf } from './config.ts';
import { type Deployment, NO_LIMITS } from './core/deployment.ts';
import type { Server } from './http/server.ts';
import type { LedgerEngine } from './ledger/engine.ts';
import { Ledger } from './ledger/ledger.ts';
import { PostgresLedgerEngine } from './ledger/postgres/engine.ts';
import { ledgerFunctions } from './ledger/postgres/functions.ts';
import { SqliteLedgerEngine } from './ledger/sqlite/engine.ts';
import { Catalogue, type Model } from './models/catalogue.ts';
import { createModels, defaultDeployment } from './models/create-models.ts';
import { ApiKeyStore } from './store/accounts/api-keys.ts';
import { eraseUser } from './store/accounts/erase-user.ts';
import { OneTimeLinkStore } from './store/accounts/one-time-links.ts';
import { RefreshTokenStore } from './store/accounts/refresh-tokens.ts';
import { UserLists } from './store/accounts/user-lists.ts';
import { UserStore } from './store/accounts/users.ts';
import { AuditLogStore } from './store/admin/audit-log.ts';
import { StaffMessageSearch } from './store/admin/staff-message-search.ts';
import { ConversationStore } from './store/chat/conversations.ts';
import { MessageStore } from './store/chat/messages.ts';
import { LedgerVerifier } from './store/credits/ledger-verifier.ts';
import { TransferStore } from './store/credits/transfers.ts';
import { type LedgerBase, openDatabase } from './store/database/dialect.ts';
import { ImportStore } from './store/django-import/imports.ts';
import { HoldStore } from './store/metering/holds.ts';
import { IdempotencyKeyStore } from './store/metering/idempotency-keys.ts';
import { IdempotentResponseStore } from './store/metering/idempotent-responses.ts';
import { LeaseStore } from './store/metering/leases.ts';
import { CompletedGenerationStore } from './store/usage/completed-generations.ts';
import { UsageStore } from './store/usage/usage.ts';

export interface Chit {
  readonly context: Context;
  /** Names of the migrations that were applied. */
  readonly migrated: readonly string[];
  /** Waits until all that was accepted is durable, then closes the database. */
  close(): Promise<void>;
}

/**
 * Opens the database, migrates it and builds everything.
 * @param models replace those of the deployment, in tests
 */
export async function openChit(config: Config, models?: readonly Model[]): Promise<Chit> {
  const deployment = models ? undefined : await deploymentOf(config);
  const catalogue = await catalogueOf(deployment, models);
  const database = openDatabase(config.databaseUrl);
  try {
    const migrated = await database.migrate(ledgerFunctions);
    const { kysely, clockMs, matching } = database;
    const { kysely: reads, atOnce } = database.reads;
    const ledger = new Ledger(engineOn(database.base));
    const context: Context = {
      ledger,
      users: new UserStore(kysely),
      userLists: new UserLists(reads),
      eraseUser: (id, entry) => eraseUser(kysely, id, entry),
      oneTimeLinks: new OneTimeLinkStore(kysely),
      refreshTokens: new RefreshTokenStore(kysely),
      apiKeys: new ApiKeyStore(kysely),
      messages: new MessageStore(kysely, reads),
      conversations: new ConversationStore(kysely, reads, matching),
      generations: new GenerationRegistry(),
      lastSeen: new LastSeenTracker(),
      transfers: new TransferStore(kysely),
      holds: new HoldStore(kysely, clockMs),
      leases: new LeaseStore(kysely, clockMs),
      idempotencyKeys: new IdempotencyKeyStore(kysely),
      idempotentResponses: new IdempotentResponseStore(kysely),
      staffMessageSearch: new StaffMessageSearch(reads, matching),
      imports: new ImportStore(kysely),
      ledgerVerifier: new LedgerVerifier(kysely),
      completedGenerations: new CompletedGenerationStore(kysely),
      recentGenerations: new CompletedGenerationStore(reads),
      usage: new UsageStore(kysely, reads, clockMs),
      auditLog: new AuditLogStore(kysely, reads, matching),
      heavyReads: new HeavyReads({ atOnce }),
      leaseId: newId(),
      catalogue,
      tokens: new Tokens({
        secretKey: config.secretKey || loadOrCreateSecretKey(dataFolderOf(config)),
        accessMinutes: config.accessTokenMinutes,
        refreshDays: config.refreshTokenDays,
      }),
      loginLimit: new LoginLimit(),
      signupLimit: new SignupLimit(config.signupsPerHour),
      usageLimits: limitsOf(config, deployment?.limits),
      policy: {
        isSignupOpen: config.signup === 'open',
        signupCredits: config.signupTokens,
        passwordMinLength: config.passwordMinLength,
        messageLimitCharacters: config.messageLimitCharacters,
        minOutputTokens: config.minOutputTokens,
        canStaffReadChats: config.staffReadsChats,
        contact: config.contact || undefined,
        leaseMs: config.leaseSeconds * 1000,
      },
      now: Date.now,
    };
    const close = async () => {
      await ledger.close();
      await context.catalogue.close();
      await database.close();
    };
    return { context, migrated, close };
  } catch (error) {
    await database.close();
    throw error;
  }
}

const DEFAULT_FILE = 'chit.json';

/**
 * The deployment in the configured file, or the default one.
 * @throws ConfigError if the file is missing or invalid
 */
export async function deploymentOf(config: Config): Promise<Deployment> {
  const { configFile, messagePrice, demoModel, environment } = config;
  const file = configFile || DEFAULT_FILE;
  if (configFile === '' && !existsSync(file)) return defaultDeployment(messagePrice, demoModel);
  const { DeploymentError, readDeployment } = await import('./models/read-deployment.ts');
  try {
    return readDeployment(readFileSync(file, 'utf8'), { file, environment });
  } catch (error) {
    if (error instanceof DeploymentError) throw new ConfigError(error.message);
    throw new ConfigError(`${file} (CHIT_CONFIG) cannot be read: ${(error as Error).message}`);
  }
}

async function catalogueOf(
  deployment: Deployment | undefined,
  models: readonly Model[] | undefined,
): Promise<Catalogue> {
  if (!deployment) return new Catalogue(models ?? []);
  return new Catalogue(await createModels(deployment), deployment.defaultModel);
}

/** Limits in the file override the settings, which only limit accounts. */
function limitsOf(config: Config, limits: Deployment['limits'] = {}): UsageLimits {
  const { requestsPerMinute, concurrentGenerations, usageTokensPerMinute } = config;
  return new UsageLimits({
    account: {
      requestsPerMinute,
      concurrentGenerations,
      usageTokensPerMinute,
      ...limits.account,
    },
    key: { ...NO_LIMITS, ...limits.key },
  });
}

function engineOn(base: LedgerBase): LedgerEngine {
  return base.sqlite
    ? new SqliteLedgerEngine(base.sqlite)
    : new PostgresLedgerEngine(base.postgres);
}

/** The HTTP server of an open Chit; not listening yet. */
export async function serverFor(chit: Chit, config: Config): Promise<Server> {
  // Imported here, since it is the larger half of the program and only `serve` needs it.
  const { buildServer } = await import('./http/server.ts');
  return buildServer(chit.context, {
    logLevel: config.logLevel,
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    bodyLimitBytes: config.bodyLimitBytes,
    requestTimeoutMs: config.requestTimeoutSeconds * 1000,
    shown: config.shown,
  });
}
