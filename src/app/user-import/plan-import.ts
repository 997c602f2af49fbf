/** What an import of users would do, to the last number. Changes nothing. */
import { createHash } from 'node:crypto';
import type { Credits } from '../../core/credits.ts';
import { isStorable } from '../../core/storable-text.ts';
import { usernameKey } from '../../core/usernames.ts';
import { placeKey } from '../../store/accounts/import-places.ts';
import type { ListedUser } from '../../store/accounts/users.ts';
import { passwordChecker } from '../accounts/password-policy.ts';
import type { Context } from '../context.ts';
import { canManage, type Principal } from '../principal.ts';
import {
  type Headings,
  type ImportFault,
  type ImportRow,
  inTurns,
  isNewUsername,
  readImportRows,
} from './read-rows.ts';

/** A file of users, and what new users without a password in it are given. */
export interface ImportRequest {
  readonly csv: string;
  /** A link to choose a password, which works for a day, or a password that is made up. */
  readonly access: 'link' | 'password';
  /** Whether groups that are created get a pool, which can pay for their members. */
  readonly hasPools: boolean;
  /** Whether those who exist but were never here are given it too, in place of an earlier one. */
  readonly renewsAccess: boolean;
}

/** How somebody is let in: `given` is a password in the file; `none` if nothing changes. */
export type ImportAccess = 'given' | 'link' | 'password' | 'none';

/** What is to be done for one row. */
export interface PlannedRow {
  readonly row: number;
  readonly username: string;
  /** Undefined for a new user. */
  readonly userId: number | undefined;
  /** The names of groups to join. */
  readonly joins: readonly string[];
  readonly plan:
    | { readonly id: string; readonly name: string; readonly isChange: boolean }
    | undefined;
  /** The opening balance of a new user. */
  readonly openingCredits: Credits;
  readonly access: ImportAccess;
}

/** All of it, in numbers. */
export interface ImportCounts {
  readonly rows: number;
  readonly newUsers: number;
  readonly existingUsers: number;
  /** Existing ones for whom there is nothing to do. */
  readonly unchangedUsers: number;
  readonly newGroups: number;
  /** How many of them get a pool. */
  readonly newPools: number;
  /** How often somebody joins a group. */
  readonly joins: number;
  readonly plansGiven: number;
  /** Of users who have another plan: what is left of its allowance expires. */
  readonly plansChanged: number;
  readonly links: number;
  readonly passwords: number;
  /** The opening balances together. */
  readonly credits: Credits;
}

export interface ImportPlan {
  readonly rows: readonly PlannedRow[];
  readonly newGroups: readonly string[];
  readonly counts: ImportCounts;
  readonly faults: readonly ImportFault[];
  /** The same for two plans that do the same with the same file. */
  readonly fingerprint: string;
}

/** What an import would do, and all that is wrong with its file. */
export async function planImport(
  context: Context,
  principal: Principal,
  request: ImportRequest,
): Promise<ImportPlan> {
  const checkPassword = await passwordChecker(context);
  const { rows: all, faults: ofFile, headings } = await readImportRows(request.csv, checkPassword);
  const known = await whatThereIs(context, all);
  const places = new Set(ofFile.map(({ row, column }) => `${row} ${column}`));
  const found = await inTurns(all, (row) => faultsOf(row, known, { principal, headings }));
  const ofRows = found.flat().filter(({ row, column }) => !places.has(`${row} ${column}`));
  const faults = [...ofFile, ...ofRows].toSorted((a, b) => a.row - b.row);
  const faulty = new Set(faults.map(({ row }) => row));
  const rows = all.filter(({ row }) => !faulty.has(row));
  const planned = rows.map((row) => plannedRow(context, row, known, request));
  const names = new Map(
    rows
      .flatMap(({ groups }) => groups)
      .toReversed()
      .map(keyed),
  );
  const newGroups = [...names]
    .filter(([key]) => !known.groups.has(key))
    .map(([, name]) => name)
    .toReversed();
  const digest = createHash('sha256').update(
    JSON.stringify([request, planned, newGroups, faults.length]),
  );
  return {
    rows: planned,
    newGroups,
    counts: {
      ...countsOf(planned, newGroups),
      newPools: request.hasPools ? newGroups.length : 0,
      rows: all.length,
    },
    faults,
    fingerprint: digest.digest('base64url'),
  };
}

interface Known {
  readonly users: ReadonlyMap<string, ListedUser>;
  /** Names of accounts, by the key of names that are too similar. */
  readonly owners: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, { readonly id: string; readonly name: string }>;
  readonly plans: ReadonlyMap<string, { readonly id: string; readonly name: string }>;
  readonly groupsOf: ReadonlyMap<number, ReadonlySet<string>>;
  readonly plansOf: ReadonlyMap<number, string>;
}

async function whatThereIs(context: Context, rows: readonly ImportRow[]): Promise<Known> {
  const { users, usernameClaims, importPlaces } = context;
  // What no database can store cannot be looked up either.
  const usernames = rows.map(({ username }) => username).filter(isStorable);
  const found = await users.among({ usernames, ids: [] });
  const ids = found.map(({ id }) => id);
  const names = rows.flatMap(({ groups }) => groups).filter(isStorable);
  const planNames = rows.flatMap(({ plan }) => plan ?? []).filter(isStorable);
  return {
    users: new Map(found.map((it) => [it.username, it])),
    owners: new Map([
      ...(await usernameClaims.ownersOf(usernames)),
      ...[...(await usernameClaims.keptAmong(usernames))].map(keptName),
    ]),
    groups: await importPlaces.named('groups', names),
    plans: await importPlaces.named('plans', planNames),
    groupsOf: await importPlaces.groupsOf(ids),
    plansOf: await importPlaces.plansOf(ids),
  };
}

/** A name that is kept for somebody who was invited is as taken as that of an account. */
function keptName([key, { username }]: [string, { readonly username: string }]) {
  return [key, username] as const;
}

function faultsOf(
  { row, username, plan }: ImportRow,
  known: Known,
  { principal, headings }: { readonly principal: Principal; readonly headings: Headings },
): ImportFault[] {
  const faults: ImportFault[] = [];
  const user = known.users.get(username);
  const ofName = { row, column: headings.username };
  if (user && !canManage(principal, user)) {
    faults.push({ ...ofName, code: 'untouchable', value: username });
  }
  if (!user && username !== '') {
    const owner = known.owners.get(usernameKey(username));
    if (owner !== undefined) faults.push({ ...ofName, code: 'name_taken', value: owner });
    else if (!isNewUsername(username)) {
      faults.push({ ...ofName, code: 'not_a_username', value: username });
    }
  }
  if (plan !== undefined && !known.plans.has(placeKey(plan))) {
    faults.push({ row, column: headings.plan, code: 'unknown_plan', value: plan });
  }
  return faults;
}

function plannedRow(
  context: Context,
  { row, username, password, groups, plan, tokens }: ImportRow,
  known: Known,
  request: ImportRequest,
): PlannedRow {
  const user = known.users.get(username);
  const isIn = (name: string) => {
    const group = known.groups.get(placeKey(name));
    return user !== undefined && group !== undefined && known.groupsOf.get(user.id)?.has(group.id);
  };
  const joins = new Map(groups.filter((it) => !isIn(it)).map(keyed));
  const wanted = plan === undefined ? undefined : known.plans.get(placeKey(plan));
  const present = user && known.plansOf.get(user.id);
  return {
    row,
    username,
    userId: user?.id,
    joins: [...joins.values()],
    plan:
      wanted && wanted.id !== present ? { ...wanted, isChange: present !== undefined } : undefined,
    openingCredits: user ? 0 : (tokens ?? context.policy.signupCredits),
    access: accessOf(user, password, request),
  };
}

function accessOf(
  user: ListedUser | undefined,
  password: string | undefined,
  { access, renewsAccess }: ImportRequest,
): ImportAccess {
  if (!user) return password === undefined ? access : 'given';
  // A password that somebody has chosen, or was given in a file, is never replaced.
  const wasNeverHere = user.lastSeenAtMs === undefined && user.passwordVersion === 0;
  const isRenewed = renewsAccess && wasNeverHere && user.isActive && password === undefined;
  return isRenewed ? access : 'none';
}

function keyed(name: string): [key: string, name: string] {
  return [placeKey(name), name];
}

function countsOf(
  rows: readonly PlannedRow[],
  newGroups: readonly string[],
): Omit<ImportCounts, 'rows' | 'newPools'> {
  const count = (is: (row: PlannedRow) => boolean) => rows.filter(is).length;
  const isNew = ({ userId }: PlannedRow) => userId === undefined;
  return {
    newUsers: count(isNew),
    existingUsers: count((it) => !isNew(it)),
    unchangedUsers: count((it) => !isNew(it) && isNothing(it)),
    newGroups: newGroups.length,
    joins: rows.reduce((sum, { joins }) => sum + joins.length, 0),
    plansGiven: count(({ plan }) => plan !== undefined && !plan.isChange),
    plansChanged: count(({ plan }) => plan?.isChange ?? false),
    links: count(({ access }) => access === 'link'),
    passwords: count(({ access }) => access === 'password'),
    credits: rows.reduce((sum, { openingCredits }) => sum + openingCredits, 0),
  };
}

/** Whether there is nothing to do for a user who exists. */
export function isNothing({ joins, plan, access }: PlannedRow): boolean {
  return joins.length === 0 && plan === undefined && access === 'none';
}

/** The password of each row of a file that has one; only for the run itself. */
export async function passwordsIn(
  csv: string,
  context: Context,
): Promise<ReadonlyMap<number, string>> {
  const { rows } = await readImportRows(csv, await passwordChecker(context));
  return new Map(
    rows.flatMap(({ row, password }) => (password === undefined ? [] : [[row, password]])),
  );
}
