/** The users of a Django site. */
import { balanceOf, idOfOpening } from '../../core/django.ts';
import type { DjangoSource, DjangoUser } from '../../store/django-import/django-source.ts';
import type { Context } from '../context.ts';
import {
  type Arrivals,
  changesOfName,
  faultOfName,
  importedHash,
  openImported,
  problemOfPassword,
} from './import-accounts.ts';
import type { ImportLog } from './import-log.ts';

/** As many as make one batch of the ledger. */
const PAGE = 500;

/** How users are to be brought over. */
export interface UserImport {
  readonly isDryRun: boolean;
  readonly arrivals: Arrivals;
  /** @throws whatever is the reason to stop before the next page */
  readonly onProgress: (done: number) => Promise<void>;
}

/** A user with the name that it would have here. */
interface Candidate extends DjangoUser {
  readonly name: string;
}

/** Brings over the users, as far as nobody is in their place. */
export async function importUsers(
  context: Context,
  source: DjangoSource,
  log: ImportLog,
  options: UserImport,
): Promise<void> {
  let done = 0;
  for (const page of source.users(PAGE)) {
    const candidates = page.map((user) => ({ ...user, name: user.username.trim() }));
    const newcomers = await decide(context, candidates, log, options.arrivals);
    if (options.isDryRun) log.users.imported += newcomers.length;
    else await openAll(context, newcomers, log, options.arrivals);
    done += page.length;
    await options.onProgress(done);
  }
}

/**
 * Who of a page is to be opened. Decided in the order of ids, before anything that takes its time:
 * of two who want one name the first has it, in a dry run as in the run, and each time.
 */
async function decide(
  context: Context,
  candidates: readonly Candidate[],
  log: ImportLog,
  arrivals: Arrivals,
): Promise<Candidate[]> {
  const there = await whoIsThere(context, candidates.filter(isPossible));
  return candidates.filter((user) => {
    const { id, name } = user;
    const isKnown = there.names.get(Number(id)) === name;
    const refusal = isKnown ? undefined : refusalOf(user, there, arrivals);
    if (refusal !== undefined) {
      log.skipUser(user, refusal);
      return false;
    }
    arrivals.add(name, `user ${id}`);
    arrivals.userIds.add(id);
    if (isKnown) log.users.known += 1;
    else tellOf(user, log);
    return !isKnown;
  });
}

interface There {
  readonly names: ReadonlyMap<number, string>;
  readonly owners: ReadonlyMap<string, number>;
  readonly deleted: ReadonlySet<number>;
}

async function whoIsThere(context: Context, users: readonly Candidate[]): Promise<There> {
  const ids = users.map(({ id }) => Number(id));
  const there = await context.users.among({ ids, usernames: users.map(({ name }) => name) });
  return {
    names: new Map(there.map(({ id, username }) => [id, username])),
    owners: new Map(there.map(({ id, username }) => [username, id])),
    deleted: await context.imports.deletedAmong(ids),
  };
}

function isPossible(user: Candidate): boolean {
  return faultOf(user) === undefined;
}

function faultOf({ id, name }: Candidate): string | undefined {
  const isId = id >= 0n && id <= BigInt(Number.MAX_SAFE_INTEGER);
  return isId ? faultOfName(name) : 'the id is no number from 0 to 2^53';
}

function refusalOf(user: Candidate, there: There, arrivals: Arrivals): string | undefined {
  const fault = faultOf(user) ?? arrivals.refusalOf(user.name);
  if (fault !== undefined) return fault;
  const id = Number(user.id);
  if (there.deleted.has(id)) return 'the account was deleted here';
  if (there.names.has(id)) return 'somebody else has the id here';
  return there.owners.has(user.name) ? 'somebody else has the name here' : undefined;
}

function tellOf({ id, username, name, password, tokens }: Candidate, log: ImportLog): void {
  for (const change of changesOfName(username, name)) log.tell('users', `User ${id}: ${change}.`);
  const { problem } = balanceOf(tokens);
  if (problem) log.tell('users', `User ${id}: ${problem}.`);
  const ofPassword = problemOfPassword(password);
  if (ofPassword) log.tell('users', `User ${id} ${ofPassword}.`);
}

/** Opens accounts together, so that they are hashed on all cores and booked in one batch. */
async function openAll(
  context: Context,
  newcomers: readonly Candidate[],
  log: ImportLog,
  arrivals: Arrivals,
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
    arrivals.userIds.delete(id);
    log.skipUser(newcomer, refusal);
  });
  // All of them first: a report of what was done shall not be written while more is done.
  await Promise.allSettled(opened);
  await Promise.all(opened);
}
