/** Imports the users of a Django site. */
import { balanceOf, idOfOpening } from '../../core/django.ts';
import type { DjangoSource, DjangoUser } from '../../store/django-import/django-source.ts';
import type { Context } from '../context.ts';
import {
  changesOfName,
  faultOfName,
  type ImportedUsers,
  importedHash,
  openImported,
  problemOfPassword,
} from './import-accounts.ts';
import type { ImportLog } from './import-log.ts';

/** The size of one batch of the ledger. */
const PAGE = 500;

/** Options of the import of users. */
export interface UserImport {
  readonly isDryRun: boolean;
  readonly importedUsers: ImportedUsers;
  /** @throws the reason to stop before the next page */
  readonly onProgress: (done: number) => Promise<void>;
}

/** A user, with the username here. */
interface Candidate extends DjangoUser {
  readonly name: string;
}

/** Imports users whose id and username are free here. */
export async function importUsers(
  context: Context,
  source: DjangoSource,
  log: ImportLog,
  options: UserImport,
): Promise<void> {
  let done = 0;
  for (const page of source.users(PAGE)) {
    const candidates = page.map((user) => ({ ...user, name: user.username.trim() }));
    const newcomers = await decide(context, candidates, log, options.importedUsers);
    if (options.isDryRun) log.users.imported += newcomers.length;
    else await openAll(context, newcomers, log, options.importedUsers);
    done += page.length;
    await options.onProgress(done);
  }
}

/**
 * The users of a page to import. Decided in the order of ids before anything slow happens: of two
 * users with one name the first gets it, in every run and dry run alike.
 */
async function decide(
  context: Context,
  candidates: readonly Candidate[],
  log: ImportLog,
  importedUsers: ImportedUsers,
): Promise<Candidate[]> {
  const existing = await findExisting(context, candidates.filter(isValid));
  return candidates.filter((user) => {
    const { id, name } = user;
    const isKnown = existing.names.get(Number(id)) === name;
    const refusal = isKnown ? undefined : refusalOf(user, existing, importedUsers);
    if (refusal !== undefined) {
      log.skipUser(user, refusal);
      return false;
    }
    importedUsers.add(name, `user ${id}`);
    importedUsers.userIds.add(id);
    if (isKnown) log.users.known += 1;
    else reportProblems(user, log);
    return !isKnown;
  });
}

interface ExistingUsers {
  readonly names: ReadonlyMap<number, string>;
  readonly owners: ReadonlyMap<string, number>;
  readonly deleted: ReadonlySet<number>;
}

async function findExisting(context: Context, users: readonly Candidate[]): Promise<ExistingUsers> {
  const ids = users.map(({ id }) => Number(id));
  const there = await context.users.among({ ids, usernames: users.map(({ name }) => name) });
  return {
    names: new Map(there.map(({ id, username }) => [id, username])),
    owners: new Map(there.map(({ id, username }) => [username, id])),
    deleted: await context.imports.deletedAmong(ids),
  };
}

function isValid(user: Candidate): boolean {
  return faultOf(user) === undefined;
}

function faultOf({ id, name }: Candidate): string | undefined {
  const isId = id >= 0n && id <= BigInt(Number.MAX_SAFE_INTEGER);
  return isId ? faultOfName(name) : 'the id is no number from 0 to 2^53';
}

function refusalOf(
  user: Candidate,
  existing: ExistingUsers,
  importedUsers: ImportedUsers,
): string | undefined {
  const fault = faultOf(user) ?? importedUsers.refusalOf(user.name);
  if (fault !== undefined) return fault;
  const id = Number(user.id);
  if (existing.deleted.has(id)) return 'the account was deleted here';
  if (existing.names.has(id)) return 'somebody else has the id here';
  return existing.owners.has(user.name) ? 'somebody else has the name here' : undefined;
}

function reportProblems({ id, username, name, password, tokens }: Candidate, log: ImportLog): void {
  for (const change of changesOfName(username, name)) log.tell('users', `User ${id}: ${change}.`);
  const { problem } = balanceOf(tokens);
  if (problem) log.tell('users', `User ${id}: ${problem}.`);
  const ofPassword = problemOfPassword(password);
  if (ofPassword) log.tell('users', `User ${id} ${ofPassword}.`);
}

/** Opens accounts together, to hash on all cores and to book in one batch. */
async function openAll(
  context: Context,
  newcomers: readonly Candidate[],
  log: ImportLog,
  importedUsers: ImportedUsers,
): Promise<void> {
  const opened = newcomers.map(async (newcomer) => {
    const { id, name, password, tokens } = newcomer;
    const passwordHash = await importedHash(password);
    const refusal = await openImported(context, {
      id: Number(id),
      openingTransferId: idOfOpening(id),
      openingCredits: balanceOf(tokens).credits,
      user: { username: name, passwordHash, isStaff: false, isSuperuser: false },
    });
    if (refusal === undefined) {
      log.users.imported += 1;
      return;
    }
    importedUsers.userIds.delete(id);
    log.skipUser(newcomer, refusal);
  });
  // Waits for all of them, so that nothing changes any more when the report is written.
  await Promise.allSettled(opened);
  await Promise.all(opened);
}
