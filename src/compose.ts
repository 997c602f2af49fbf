/** Builds the program from its settings and takes it down again. Alone knows every room. */
import type { Context } from './app/context.ts';
import { LoginLimit, SignupLimit } from './auth/attempt-limits.ts';
import { loadOrCreateSecretKey } from './auth/secret-key.ts';
import { Tokens } from './auth/tokens.ts';
import { type Config, dataFolderOf } from './config.ts';
import type { Server } from './http/server.ts';
import { Ledger } from './ledger/ledger.ts';
import { SqliteLedgerEngine } from './ledger/sqlite-engine.ts';
import { builtInModel } from './models/built-in.ts';
import { Catalogue, type Model } from './models/catalogue.ts';
import { openDatabase } from './store/dialect.ts';
import { RefreshTokenStore } from './store/refresh-tokens.ts';
import { UserStore } from './store/users.ts';

export interface Chit {
  readonly context: Context;
  /** Names of the migrations that opening carried out. */
  readonly migrated: readonly string[];
  /** Waits until all that was accepted is durable, then closes the database. */
  close(): Promise<void>;
}

/**
 * Opens the database, brings it up to date and puts everything together.
 * @param model answers in place of the built-in one, for tests
 */
export async function openChit(
  config: Config,
  model: Model = builtInModel(config.messagePrice),
): Promise<Chit> {
  const database = openDatabase(config.databaseUrl);
  try {
    const migrated = await database.migrate();
    const ledger = new Ledger(new SqliteLedgerEngine(database.sqlite));
    const context: Context = {
      ledger,
      users: new UserStore(database.kysely),
      refreshTokens: new RefreshTokenStore(database.kysely),
      catalogue: new Catalogue(model),
      tokens: new Tokens({
        secretKey: config.secretKey || loadOrCreateSecretKey(dataFolderOf(config)),
        accessMinutes: config.accessTokenMinutes,
        refreshDays: config.refreshTokenDays,
      }),
      loginLimit: new LoginLimit(),
      signupLimit: new SignupLimit(config.signupsPerHour),
      policy: {
        isSignupOpen: config.signup === 'open',
        signupCredits: config.signupTokens,
        passwordMinLength: config.passwordMinLength,
      },
      now: Date.now,
    };
    const close = async () => {
      await ledger.drained();
      await database.close();
    };
    return { context, migrated, close };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The HTTP server over an opened Chit; not listening yet. */
export async function serverFor(chit: Chit, config: Config): Promise<Server> {
  // Loaded here, since it is most of the code, and the commands that do not serve start sooner.
  const { buildServer } = await import('./http/server.ts');
  return buildServer(chit.context, {
    logLevel: config.logLevel,
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    bodyLimitBytes: config.bodyLimitBytes,
    requestTimeoutMs: config.requestTimeoutSeconds * 1000,
  });
}
