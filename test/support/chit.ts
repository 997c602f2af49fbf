/** An opened Chit with a scripted model, for tests that call use cases. */
import { createAccount } from '../../src/app/register-user.ts';
import { verifyLedger } from '../../src/app/verify-ledger.ts';
import { type Chit, openChit } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import type { Model } from '../../src/models/catalogue.ts';
import { SECRET_KEY } from './server.ts';

/** Opens a Chit on a database, with settings of its own. */
export function openTestChit(
  databaseUrl: string,
  model: Model,
  settings: Record<string, string> = {},
): Promise<Chit> {
  const all = { CHIT_DATABASE_URL: databaseUrl, CHIT_SECRET_KEY: SECRET_KEY, ...settings };
  const { config } = loadConfig(all, 'no such file');
  return openChit(config, [model]);
}

let accounts = 0;

/** A new account with the opening balance; returns its id. */
export function newAccount({ context }: Chit): Promise<number> {
  accounts += 1;
  const username = `user-${process.pid}-${accounts}`;
  const flags = { isStaff: false, isSuperuser: false };
  return createAccount(context, { username, password: 'Pa55word!x', ...flags });
}

/** What is wrong with the book; nothing should be. */
export async function faultsOf({ context }: Chit): Promise<readonly string[]> {
  return (await verifyLedger(context)).faults;
}
