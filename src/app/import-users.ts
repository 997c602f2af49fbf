/** The users of a Django site, and its superusers. */
import { randomBytes } from 'node:crypto';
import { hashPassword } from '../auth/passwords.ts';
import { isCredits } from '../core/credits.ts';
import { idOfOpening, kindOfPassword } from '../core/django.ts';
import type { NewUser } from '../core/ledger.ts';
import type { DjangoSource, DjangoUser } from '../store/django-source.ts';
import type { Context } from './context.ts';
import { newId, newUserId } from './ids.ts';
import type { ImportLog } from './import-log.ts';

/** As many as make one batch of the ledger. */
const PAGE = 500;
const MOST_NAME_CHARACTERS = 50;
const UNGUESSABLE_BYTES = 32;

/** Who is there afterwards. */
export interface Arrived {
  /** Whose chats can come too. */
  readonly ids: ReadonlySet<number>;
  readonly names: ReadonlySet<string>;
}

/** Brings over the users, as far as nobody is in their place. */
export async function importUsers(
  context: Context,
  source: DjangoSource,
  log: ImportLog,
  options: { readonly isDryRun: boolean; readonly onProgress: (done: number) => void },
): Promise<Arrived> {
  const ids = new Set<number>();
  const arrivedNames = new Set<string>();
  const arrive = ({ id, username }: DjangoUser) => {
    ids.add(id);
    arrivedNames.add(username);
  };
  let done = 0;
  for (let afterId = Number.MIN_SAFE_INTEGER; ; ) {
    const page = source.users(afterId, PAGE);
    const last = page.at(-1);
    if (!last) return { ids, names: arrivedNames };
    afterId = last.id;
    const named = page.map((user) => ({ ...user, username: user.username.trim() }));
    const there = await context.users.among({
      usernames: named.map(({ username }) => username),
      ids: named.map(({ id }) => id),
    });
    const names = new Map(there.map(({ id, username }) => [id, username]));
    const owners = new Map(there.map(({ id, username }) => [username, id]));
    const imports = named.map(async (user) => {
      const { id, username } = user;
      if (names.get(id) === username) {
        log.users.known += 1;
        arrive(user);
        return;
      }
      const refusal = refusalOf(user, names.has(id), owners.has(username));
      const isIn = refusal === undefined && (await openFor(context, user, log, options.isDryRun));
      if (isIn) {
        log.users.imported += 1;
        arrive(user);
        return;
      }
      log.users.skipped += 1;
      log.tell(`User ${id} is skipped: ${refusal ?? 'the id was taken by somebody else'}.`);
    });
    await Promise.all(imports);
    done += page.length;
    options.onProgress(done);
  }
}

function refusalOf(
  { id, username }: DjangoUser,
  isIdTaken: boolean,
  isNameTaken: boolean,
): string | undefined {
  if (!Number.isSafeInteger(id) || id < 0) return 'the id is no number from 0 up';
  if (username === '' || [...username].length > MOST_NAME_CHARACTERS || /\0/.test(username)) {
    return 'nobody could sign in by such a name';
  }
  if (isIdTaken) return 'somebody else has the id here';
  return isNameTaken ? 'somebody else has the name here' : undefined;
}

/** Opens the account; true if it is there afterwards. */
async function openFor(
  context: Context,
  { id, username, password, tokens }: DjangoUser,
  log: ImportLog,
  isDryRun: boolean,
): Promise<boolean> {
  const openingCredits = balanceFrom(tokens, (problem) => log.tell(`User ${id}: ${problem}.`));
  const problem = problemOfPassword(password);
  if (problem) log.tell(`User ${id} ${problem}.`);
  if (isDryRun) return true;
  const user = { username, passwordHash: await hashFrom(password) };
  return open(context, id, idOfOpening(id), openingCredits, { ...user, ...NOBODY_SPECIAL });
}

const NOBODY_SPECIAL = { isStaff: false, isSuperuser: false };

async function open(
  context: Context,
  accountId: number,
  openingTransferId: string,
  openingCredits: number,
  user: NewUser,
): Promise<boolean> {
  const result = await context.ledger.submitUntilKnown({
    ...{ kind: 'open', accountId, user, openingTransferId, openingCredits },
    ...{ idempotency: undefined, atMs: context.now() },
  });
  return result.outcome === 'opened';
}

function balanceFrom(tokens: unknown, tell: (problem: string) => void): number {
  const credits = typeof tokens === 'bigint' ? Number(tokens) : tokens;
  if (typeof credits !== 'number' || !isCredits(credits)) {
    tell(`the balance "${String(tokens)}" is none; it is 0 here`);
    return 0;
  }
  if (credits >= 0) return credits;
  tell(`the balance was ${credits}; it is 0 here`);
  return 0;
}

/** A hash that can be checked is kept; a password in clear text is hashed and never copied. */
async function hashFrom(password: string): Promise<string> {
  switch (kindOfPassword(password)) {
    case 'checkable':
      return password;
    case 'clear':
      return hashPassword(password);
    case 'unusable':
      return hashPassword(randomBytes(UNGUESSABLE_BYTES).toString('base64url'));
  }
}

/**
 * Superusers have ids of another table, so they get new ones. Nobody who is there is made one: a
 * name says nothing of who has it.
 */
export async function importSuperusers(
  context: Context,
  source: DjangoSource,
  log: ImportLog,
  options: { readonly isDryRun: boolean; readonly names: ReadonlySet<string> },
): Promise<void> {
  for (const { username: asWritten, password, isActive } of source.superusers()) {
    const username = asWritten.trim();
    const there = await context.users.byUsername(username);
    if (there?.isSuperuser) {
      log.superusers.known += 1;
      continue;
    }
    const isTaken = there !== undefined || options.names.has(username);
    const refusal = isActive
      ? refusalOf({ id: 0, username, password, tokens: 0 }, false, isTaken)
      : 'it was disabled';
    if (refusal) {
      log.superusers.skipped += 1;
      log.tell(`Superuser "${username}" is skipped: ${refusal}.`);
      continue;
    }
    const problem = problemOfPassword(password);
    if (problem) log.tell(`Superuser "${username}" ${problem}.`);
    log.superusers.imported += 1;
    if (options.isDryRun) continue;
    const flags = { isStaff: true, isSuperuser: true };
    const user = { username, passwordHash: await hashFrom(password), ...flags };
    await open(context, newUserId(), newId(), 0, user);
  }
}

/** What is wrong with a password, as far as its owner will notice; undefined if nothing is. */
function problemOfPassword(text: string): string | undefined {
  return kindOfPassword(text) === 'unusable'
    ? 'has no password that can be checked here; a link from the staff lets them choose one'
    : undefined;
}
