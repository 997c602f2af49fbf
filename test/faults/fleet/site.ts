/** A whole installation for the fleet: database, provider, servers, clients and staff. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApiKey } from '../../../src/app/accounts/api-keys.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { type OpenDatabase, openDatabase } from '../../../src/store/database/dialect.ts';
import { createAccount, openTestChit } from '../../support/chit.ts';
import type { DatabaseName } from '../../support/databases.ts';
import { type OwnPostgres, startOwnPostgres } from '../../support/postgres.ts';
import { startProviderEmulator } from '../../support/providers/emulator.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { newFolder, SECRET_KEY } from '../../support/server.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import type { Client } from './clients.ts';
import type { ToldUsage, Trouble } from './compare.ts';
import { giveLimits } from './limits.ts';
import { idAsked, obey } from './scripts.ts';
import { FleetServer } from './servers.ts';

export const LEASE_MS = 1_000;

const IS_LONG = process.env.FAULTS === 'long';
const CLIENTS = { SQLite: IS_LONG ? 6 : 4, PostgreSQL: IS_LONG ? 12 : 6 } as const;
const SERVERS = { SQLite: 1, PostgreSQL: 3 } as const;
const PASSWORD = 'Pa55word!x';
/** Some keys run out of their budget on the way. */
const BUDGETS = [undefined, 1_000_000_000, 20_000];
const SETTINGS = {
  CHIT_SECRET_KEY: SECRET_KEY,
  CHIT_LEASE_SECONDS: String(LEASE_MS / 1_000),
  // As much shorter as the lease: a silent connection holds up recovery for that long.
  CHIT_QUERY_TIMEOUT_SECONDS: '1',
  CHIT_SIGNUP_TOKENS: '1000000000',
  CHIT_ACCESS_TOKEN_MINUTES: '600',
  CHIT_LOG_LEVEL: 'error',
};

export interface Site {
  readonly name: DatabaseName;
  readonly folder: string;
  /** Settings of the command line, which reaches the database directly. */
  readonly settings: Record<string, string>;
  readonly servers: readonly FleetServer[];
  /** One in front of the database for each server; none where the database is a file. */
  readonly proxies: readonly TcpProxy[];
  readonly postgres: OwnPostgres | undefined;
  /** The port to which the proxies lead: another one once a standby has taken over. */
  readonly primary: { port: number };
  /** Reads the database beside the servers. */
  readonly observer: Chit;
  readonly database: OpenDatabase;
  /** The usage that the provider told of each answer, and when. */
  readonly told: ToldUsage[];
  /** When servers were stopped or cut off from the database. */
  readonly troubles: Trouble[];
  readonly clients: readonly Client[];
  readonly users: readonly { readonly userId: number; readonly username: string }[];
  /** An access token of a superuser. */
  readonly staffAccess: string;
}

/** A PostgreSQL that somebody else has set up. */
export interface GivenDatabase {
  /** The URL of an empty database, for the test and for commands. */
  readonly url: string;
  /** The URL by which servers reach it. */
  readonly serversUrl: string;
  /** How many clients there are. */
  readonly clients: number;
}

/**
 * Sets everything up; no server runs yet.
 * @param stack ends it all, whatever becomes of the test
 */
export async function openSite(
  name: DatabaseName,
  stack: AsyncDisposableStack,
  given?: GivenDatabase,
): Promise<Site> {
  const folder = newFolder();
  stack.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const told: ToldUsage[] = [];
  const emulator = await startProviderEmulator({
    remembers: false,
    onTold: ({ body }, { inputTokens, outputTokens }) => {
      const scriptId = idAsked(body);
      const credits = inputTokens + outputTokens;
      if (scriptId !== undefined) told.push({ scriptId, atMs: Date.now(), credits });
    },
  });
  stack.defer(() => emulator.close());
  emulator.behave(obey);
  const config = join(folder, 'chit.json');
  writeFileSync(config, JSON.stringify(deploymentAt(emulator.url)));

  let postgres: OwnPostgres | undefined;
  if (name === 'PostgreSQL' && !given) {
    postgres = await startOwnPostgres();
    stack.defer(() => postgres?.stop());
  }
  const url =
    given?.url ?? (await postgres?.newDatabase()) ?? `sqlite:${join(folder, 'data/chit.db')}`;
  const settings = { ...SETTINGS, CHIT_CONFIG: config, CHIT_DATABASE_URL: url };

  const observer = await openTestChit(url, scriptedModel(flatPrice(100)), SETTINGS);
  stack.defer(() => observer.close());
  const database = openDatabase(url);
  stack.defer(() => database.close());

  const primary = { port: Number(new URL(postgres?.url ?? 'http://127.0.0.1:0').port) };
  const proxies: TcpProxy[] = [];
  const servers: FleetServer[] = [];
  for (let index = 0; index < SERVERS[name]; index += 1) {
    let ownUrl = given?.serversUrl ?? url;
    if (postgres) {
      const proxy = await startTcpProxy(() => primary.port);
      stack.defer(() => proxy.stop());
      proxies.push(proxy);
      ownUrl = proxy.through(url);
    }
    const home = join(folder, `server-${index}`);
    mkdirSync(home);
    const server = new FleetServer(home, { ...settings, CHIT_DATABASE_URL: ownUrl });
    stack.defer(() => server.kill());
    servers.push(server);
  }
  const people = await newPeople(observer, given?.clients ?? CLIENTS[name]);
  const userIds = people.users.map(({ userId }) => userId);
  await giveLimits(observer, database, userIds);
  return {
    name,
    folder,
    settings,
    servers,
    proxies,
    postgres,
    primary,
    observer,
    database,
    told,
    troubles: [],
    ...people,
  };
}

async function newPeople(
  { context }: Chit,
  count: number,
): Promise<Pick<Site, 'clients' | 'users' | 'staffAccess'>> {
  const accessOf = (id: number) => context.tokens.issue('access', id, context.now()).token;
  const newUser = (username: string, isStaff: boolean) =>
    createAccount(context, { username, password: PASSWORD, isStaff, isSuperuser: isStaff });
  const clients: Client[] = [];
  const users: { userId: number; username: string }[] = [];
  for (let index = 0; index < count; index += 1) {
    const username = `client-${index}`;
    const userId = await newUser(username, false);
    users.push({ userId, username });
    const { key } = await createApiKey(context, {
      userId,
      name: 'fleet',
      models: undefined,
      budgetCredits: BUDGETS[index % BUDGETS.length],
      expiresAtMs: undefined,
    });
    const account = { userId, access: accessOf(userId), apiKey: key };
    clients.push({ account, conversationId: '', sent: [] });
  }
  return { clients, users, staffAccess: accessOf(await newUser('staff', true)) };
}

/** A flat price, and prices by the token, at providers of both kinds. */
function deploymentAt(url: string): object {
  const perToken = { perMillionInput: 1_000_000, perMillionOutput: 1_000_000 };
  const patience = { connectTimeoutSeconds: 2, headersTimeoutSeconds: 5, idleTimeoutSeconds: 5 };
  return {
    providers: {
      openai: { wire: 'openai', baseUrl: `${url}/v1`, ...patience },
      anthropic: { wire: 'anthropic', baseUrl: url, ...patience },
    },
    models: [
      { name: 'flat', provider: 'openai', price: { perMessage: 100 } },
      { name: 'metered', provider: 'openai', price: perToken },
      { name: 'claude', provider: 'anthropic', price: perToken },
    ],
    defaultModel: 'flat',
  };
}
