/** A server in this process, on a database in memory, with models of the test's choice. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createApiKey } from '../../src/app/accounts/api-keys.ts';
import { type Chit, openChit, serverFor } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import type { Model } from '../../src/models/catalogue.ts';
import { accessOf, newAccount } from './chit.ts';
import { PATIENT_SETTINGS } from './patient-settings.ts';
import { type WatchOptions, watchPublished } from './published/watch.ts';
import { SECRET_KEY } from './server.ts';

export interface ModelServer {
  readonly url: string;
  readonly chit: Chit;
  /** A new account with the opening balance, signed in and with a key. */
  newUser(options?: {
    readonly models?: readonly string[];
    readonly budgetCredits?: number;
  }): Promise<{
    readonly userId: number;
    readonly access: string;
    readonly key: string;
    readonly keyId: string;
  }>;
  /** What an account has, and what of it is held. */
  balanceOf(userId: number): Promise<{ postedCredits: number; heldCredits: number }>;
  close(): Promise<void>;
}

/** All that it answers under `/v1/` is checked when it closes; see `watchPublished`. */
export async function startModelServer(
  models: readonly Model[],
  more: Readonly<Record<string, string>> = {},
  watch: WatchOptions = {},
): Promise<ModelServer> {
  const settings = {
    ...PATIENT_SETTINGS,
    CHIT_DATABASE_URL: 'sqlite::memory:',
    CHIT_SECRET_KEY: SECRET_KEY,
    CHIT_LOG_LEVEL: 'silent',
    ...more,
  };
  const { config } = loadConfig(settings, 'no such file');
  const chit = await openChit(config, models);
  const server = await serverFor(chit, config);
  const faults = watchPublished(server.server, watch);
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  const { context } = chit;
  return {
    url: `http://127.0.0.1:${port}`,
    chit,
    newUser: async (options = {}) => {
      const userId = await newAccount(chit);
      const access = accessOf(context, userId);
      const { models: allowed, budgetCredits } = options;
      const about = {
        userId,
        name: 'test',
        models: allowed,
        budgetCredits,
        expiresAtMs: undefined,
      };
      const { key, apiKey } = await createApiKey(context, about);
      return { userId, access, key, keyId: apiKey.id };
    },
    balanceOf: async (userId) => {
      const account = await context.ledger.account(userId);
      if (!account) throw new Error('There is no such account.');
      return account;
    },
    close: async () => {
      // A model that a test left hanging would be waited for until it counts as silent.
      for (const id of context.generations.accountIds) context.generations.stopAllOf(id, 'stopped');
      await server.close();
      await chit.close();
      assert.deepEqual(faults.slice(0, 3), []);
    },
  };
}
