/** What inviting people would do, to the last number. Changes nothing. */
import { createHash } from 'node:crypto';
import type { Credits } from '../../core/credits.ts';
import { invalidField } from '../../core/errors.ts';
import type { MailLanguage } from '../../core/notices.ts';
import { isStorable } from '../../core/storable-text.ts';
import { usernameKey } from '../../core/usernames.ts';
import { emailKey } from '../../store/accounts/emails.ts';
import { placeKey } from '../../store/accounts/import-places.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { inTurns } from '../user-import/read-rows.ts';
import {
  checkPeople,
  type InvitationFault,
  type Person,
  type PersonHeadings,
  type PersonRow,
  type ReadPeople,
  readPeople,
} from './read-people.ts';

const HOUR_MS = 3_600_000;
const HOURS_A_DAY = 24;
/** Two weeks: the slip may wait for the next lesson, and for one after a holiday. */
export const DEFAULT_HOURS = 14 * 24;
export const MAX_HOURS = 366 * 24;

/** How long invitations last: so many hours from now on, or until a moment (ms since 1970 UTC). */
export type Lasting =
  | { readonly hours: number; readonly untilMs?: undefined }
  | { readonly untilMs: number; readonly hours?: undefined };

/** Whom to invite, and how. */
export type InvitationRequest = Lasting & InvitationWishes;

interface InvitationWishes {
  /** A CSV file, or a list. */
  readonly people: string | readonly Person[];
  /** Whether groups that are created get a pool, which can pay for their members. */
  readonly hasPools: boolean;
  /** In which language they are mailed to those who have an address; undefined for no mail. */
  readonly mailLanguage?: MailLanguage | undefined;
}

/**
 * What is done for somebody: `new` is invited; `here` has an account of this name or address, and
 * `invited` an invitation that has not ended: for them nothing is done.
 */
export type InviteeState = 'new' | 'here' | 'invited';

export interface PlannedInvitation {
  readonly row: number;
  readonly state: InviteeState;
  readonly name: string;
  readonly username: string | undefined;
  readonly email: string | undefined;
  /** The names of groups to join. */
  readonly joins: readonly string[];
  readonly plan: { readonly id: string; readonly name: string } | undefined;
  /** The opening balance. */
  readonly credits: Credits;
}

/** All of it, in numbers. */
export interface InvitationCounts {
  readonly rows: number;
  readonly invitations: number;
  readonly here: number;
  readonly invited: number;
  /** Of the new invitations, those with an address. */
  readonly emails: number;
  /** How many mails are sent. */
  readonly mails: number;
  readonly newGroups: number;
  /** How many of them get a pool. */
  readonly newPools: number;
  /** How often somebody will join a group. */
  readonly joins: number;
  readonly plans: number;
  /** The opening balances together, once everybody has come. */
  readonly credits: Credits;
}

export interface InvitationPlan {
  readonly rows: readonly PlannedInvitation[];
  readonly newGroups: readonly string[];
  readonly counts: InvitationCounts;
  readonly faults: readonly InvitationFault[];
  /**
   * The id that the batch will have, and what two plans have in common that do the same. Whoever
   * sends it again invites nobody twice.
   */
  readonly expected: string;
}

/**
 * What inviting these people would do, and all that is wrong with their list.
 * @param batchId of the batch; by default a new one
 * @throws ChitError `invalid_fields` if they would last too long, or not at all
 */
export async function planInvitations(
  context: Context,
  request: InvitationRequest,
  batchId: string = newId(),
): Promise<InvitationPlan> {
  const { people, hasPools, mailLanguage, hours = null, untilMs = null } = request;
  endOf(request, context.now());
  const read = typeof people === 'string' ? await readPeople(people) : await checkPeople(people);
  const known = await whatThereIs(context, read.rows);
  const faults = await allFaults(read, known);
  const faulty = new Set(faults.map(({ row }) => row));
  const rows = read.rows
    .filter(({ row }) => !faulty.has(row))
    .map((row) => plannedRow(context, row, known));
  const invitations = rows.filter(({ state }) => state === 'new');
  const names = new Map(invitations.flatMap(({ joins }) => joins).map(keyed));
  const newGroups = [...names].filter(([key]) => !known.groups.has(key)).map(([, name]) => name);
  const digest = createHash('sha256').update(
    // Not which groups are new: if somebody creates one of them meanwhile, all is as it was said.
    JSON.stringify([hours, untilMs, hasPools, mailLanguage ?? null, rows, faults.length]),
  );
  const sumOf = (count: (row: PlannedInvitation) => number) =>
    invitations.reduce((sum, it) => sum + count(it), 0);
  const emails = sumOf(({ email }) => (email === undefined ? 0 : 1));
  return {
    rows,
    newGroups,
    counts: {
      rows: read.rows.length,
      invitations: invitations.length,
      here: rows.filter(({ state }) => state === 'here').length,
      invited: rows.filter(({ state }) => state === 'invited').length,
      emails,
      mails: mailLanguage === undefined ? 0 : emails,
      newGroups: newGroups.length,
      newPools: hasPools ? newGroups.length : 0,
      joins: sumOf(({ joins }) => joins.length),
      plans: sumOf(({ plan }) => (plan === undefined ? 0 : 1)),
      credits: sumOf(({ credits }) => credits),
    },
    faults,
    expected: `${batchId}.${digest.digest('base64url')}`,
  };
}

/**
 * When invitations end that last so long.
 * @throws ChitError `invalid_fields` for more than a year, or not in the future
 */
export function endOf(lasting: Lasting, nowMs: number): number {
  if (lasting.untilMs === undefined) {
    const { hours } = lasting;
    if (Number.isSafeInteger(hours) && hours >= 1 && hours <= MAX_HOURS) {
      return nowMs + hours * HOUR_MS;
    }
    const message = `Give a whole number of hours from 1 to ${MAX_HOURS}.`;
    throw invalidField('hours', message, { code: 'out_of_range', min: 1, max: MAX_HOURS });
  }
  const { untilMs } = lasting;
  if (!(untilMs > nowMs)) {
    throw invalidField('until', 'Give a moment in the future.', { code: 'not_in_the_future' });
  }
  // A day to spare: in its own time zone, the last day of a year has not begun everywhere.
  if (untilMs <= nowMs + (MAX_HOURS + HOURS_A_DAY) * HOUR_MS) return untilMs;
  const message = 'Give a moment at most a year from now.';
  throw invalidField('until', message, { code: 'invalid' });
}

interface Known {
  /** Names of accounts, exactly. */
  readonly users: ReadonlySet<string>;
  /** Names of accounts, by the key of names that are too similar. */
  readonly owners: ReadonlyMap<string, string>;
  /** Names that are kept for invitations, by their key. */
  readonly kept: ReadonlyMap<string, { readonly username: string }>;
  /** Keys of addresses that an invitation is for, and of those that users have verified. */
  readonly invitedEmails: ReadonlySet<string>;
  readonly ownedEmails: ReadonlySet<string>;
  readonly groups: ReadonlyMap<string, { readonly id: string; readonly name: string }>;
  readonly plans: ReadonlyMap<string, { readonly id: string; readonly name: string }>;
}

async function whatThereIs(context: Context, rows: readonly PersonRow[]): Promise<Known> {
  const { users, usernameClaims, importPlaces, invitations, emails } = context;
  // What no database can store cannot be looked up either.
  const usernames = rows.flatMap(({ username }) => username ?? []).filter(isStorable);
  const emailKeys = rows
    .flatMap(({ email }) => email ?? [])
    .filter(isStorable)
    .map(emailKey);
  const found = await users.among({ usernames, ids: [] });
  const groups = rows.flatMap((row) => row.groups).filter(isStorable);
  const plans = rows.flatMap(({ plan }) => plan ?? []).filter(isStorable);
  return {
    users: new Set(found.map(({ username }) => username)),
    owners: await usernameClaims.ownersOf(usernames),
    kept: await usernameClaims.keptAmong(usernames),
    invitedEmails: await invitations.openEmails(emailKeys),
    ownedEmails: await emails.verifiedAmong(emailKeys),
    groups: await importPlaces.named('groups', groups),
    plans: await importPlaces.named('plans', plans),
  };
}

async function allFaults({ rows, faults, headings }: ReadPeople, known: Known) {
  const places = new Set(faults.map(({ row, column }) => `${row} ${column}`));
  const found = await inTurns(rows, (row) => faultsOf(row, known, headings));
  const more = found.flat().filter(({ row, column }) => !places.has(`${row} ${column}`));
  return [...faults, ...more].toSorted((a, b) => a.row - b.row);
}

function faultsOf(
  { row, username, plan }: PersonRow,
  known: Known,
  headings: PersonHeadings,
): InvitationFault[] {
  const faults: InvitationFault[] = [];
  if (username !== undefined && !known.users.has(username)) {
    const key = usernameKey(username);
    const taken = known.owners.get(key) ?? known.kept.get(key)?.username;
    if (taken !== undefined && taken !== username) {
      faults.push({ row, column: headings.username, code: 'name_taken', value: taken });
    }
  }
  if (plan !== undefined && !known.plans.has(placeKey(plan))) {
    faults.push({ row, column: headings.plan, code: 'unknown_plan', value: plan });
  }
  return faults;
}

function plannedRow(
  { policy }: Context,
  { row, name, username, email, groups, plan, tokens }: PersonRow,
  known: Known,
): PlannedInvitation {
  return {
    row,
    state: stateOf({ username, email }, known),
    name: name ?? username ?? email ?? '',
    username,
    email,
    joins: [...new Map(groups.map(keyed)).values()],
    plan: plan === undefined ? undefined : known.plans.get(placeKey(plan)),
    credits: tokens ?? policy.signupCredits,
  };
}

function stateOf({ username, email }: Pick<Person, 'username' | 'email'>, known: Known) {
  const key = email === undefined ? undefined : emailKey(email);
  const isHere = username !== undefined && known.users.has(username);
  if (isHere || (key !== undefined && known.ownedEmails.has(key))) return 'here';
  const isKept = username !== undefined && known.kept.has(usernameKey(username));
  return isKept || (key !== undefined && known.invitedEmails.has(key)) ? 'invited' : 'new';
}

function keyed(name: string): [key: string, name: string] {
  return [placeKey(name), name];
}
