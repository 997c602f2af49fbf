/** An opened Chit with a scripted model, for tests that call use cases. */
import { changeUser } from '../../src/app/accounts/manage-users.ts';
import { openAccount } from '../../src/app/accounts/register-user.ts';
import type { Context } from '../../src/app/context.ts';
import { verifyLedger } from '../../src/app/credits/verify-ledger.ts';
import { type Chit, openChit } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import type { Model } from '../../src/models/catalogue.ts';
import { PATIENT_SETTINGS } from './patient-settings.ts';
import { SECRET_KEY } from './server.ts';

/** Opens a Chit on a database, with settings of its own. */
export function openTestChit(
  databaseUrl: string,
  model: Model,
  settings: Record<string, string> = {},
): Promise<Chit> {
  const site = { CHIT_DATABASE_URL: databaseUrl, CHIT_SECRET_KEY: SECRET_KEY };
  const all = { ...PATIENT_SETTINGS, ...site, ...settings };
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

/** Makes an account with the opening balance. */
export async function createAccount(
  context: Context,
  account: { username: string; password: string; isStaff: boolean; isSuperuser: boolean },
): Promise<number> {
  const { signupCredits: openingCredits } = context.policy;
  return (await openAccount(context, { ...account, openingCredits }, {})).userId;
}

/** An access token as of somebody who has just signed in. */
export function accessOf({ tokens, now }: Context, userId: number): string {
  const proof = { atMs: now(), by: 'password' } as const;
  return tokens.issue('access', userId, now(), { proof }).token;
}

/** Enables or disables a user, as the command line does. */
export async function setActive(
  { context }: Chit,
  userId: number,
  isActive: boolean,
): Promise<void> {
  const by = { actor: 'cli:test', address: undefined, user: undefined } as const;
  await changeUser(context, by, userId, { isActive, reason: undefined });
}

/** What is wrong with the ledger; nothing should be. */
export async function faultsOf({ context }: Chit): Promise<readonly string[]> {
  return (await verifyLedger(context)).faults;
}
