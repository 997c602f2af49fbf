import { Command, Option } from 'commander';
import type { Context } from '../app/context.ts';
import { INVITATION_COLUMNS, invitationRow } from '../app/invitations/invitation-row.ts';
import { sendInvitations } from '../app/invitations/mail-invitations.ts';
import {
  eachInvitation,
  endInvitations,
  extendInvitations,
  handOutInvitations,
  type SomeInvitations,
} from '../app/invitations/manage-invitations.ts';
import type { Lasting } from '../app/invitations/plan-invitations.ts';
import { counted } from '../core/counted.ts';
import { csvLine } from '../core/csv.ts';
import { hasCode } from '../core/errors.ts';
import { MAIL_LANGUAGES, type MailLanguage } from '../core/notices.ts';
import {
  INVITATION_STATES,
  type Invitation,
  type InvitationState,
  stateOf,
} from '../store/invitations/invitations.ts';
import { commandLine } from './command-line-principal.ts';
import { daysIn, untilIn } from './how-long.ts';
import { linkAddress } from './link-address.ts';
import { CommandFailure, print, printTable } from './output.ts';
import { withChit } from './with-chit.ts';

const DEFAULT_DAYS = 14;
const HOURS_A_DAY = 24;

/** Which invitations a command is about. */
interface SomeOptions {
  readonly group?: string;
}

/** `chit invitations`. */
export function invitationsCommand(): Command {
  return new Command('invitations')
    .description('Who was invited and who has come; extend, mail and end invitations')
    .addCommand(
      new Command('list')
        .description('List invitations, newest first')
        .addOption(new Option('--state <state>', 'only these').choices([...INVITATION_STATES]))
        .option('--group <name>', 'only those of a group')
        .option('--search <text>', 'only those with this in the name, username or address')
        .option('--csv', 'a CSV file, for spreadsheets')
        .option('--json', 'one JSON object per line, for scripts')
        .action(list),
    )
    .addCommand(
      new Command('codes')
        .description('Print the codes and links of open invitations')
        .argument('[ids...]', 'of invitations, from `chit invitations list`')
        .option('--group <name>', 'those of a group')
        .option('--json', 'one JSON object per line, for scripts')
        .option('--site <url>', 'the address of the site (default: CHIT_PUBLIC_URL)')
        .action(codes),
    )
    .addCommand(
      new Command('extend')
        .description('Let invitations last from now on, also expired ones; their codes stay')
        .argument('[ids...]', 'of invitations, from `chit invitations list`')
        .option('--group <name>', 'those of a group')
        .option('--days <count>', 'how long they last', daysIn, DEFAULT_DAYS)
        .option('--until <time>', 'until when instead: 2027-01-31, or 2027-01-31T12:00Z', untilIn)
        .action(extend),
    )
    .addCommand(
      new Command('send')
        .description('Mail open invitations once more to those who have an address')
        .argument('[ids...]', 'of invitations, from `chit invitations list`')
        .option('--group <name>', 'those of a group')
        .addOption(
          new Option('--language <language>', 'of the mail')
            .choices([...MAIL_LANGUAGES])
            .default('en'),
        )
        .action(send),
    )
    .addCommand(
      new Command('end')
        .description('End invitations that nobody has come by')
        .argument('[ids...]', 'of invitations, from `chit invitations list`')
        .option('--group <name>', 'those of a group')
        .option('--reason <text>', 'why, for the audit log')
        .action(end),
    );
}

interface ListOptions extends SomeOptions {
  readonly state?: InvitationState;
  readonly search?: string;
  readonly csv?: boolean;
  readonly json?: boolean;
}

function list(options: ListOptions): Promise<void> {
  return withChit(async ({ context }) => {
    const rows: Record<string, string | number>[] = [];
    const { groupId } = await someIn(context, [], options);
    const atMs = context.now();
    const filter = { state: options.state, groupId, search: options.search, atMs };
    if (options.csv) process.stdout.write(csvLine(INVITATION_COLUMNS));
    for await (const it of eachInvitation(context, commandLine().actor, filter)) {
      if (options.csv) {
        const row = invitationRow(it, atMs);
        process.stdout.write(csvLine(INVITATION_COLUMNS.map((column) => row[column])));
      } else if (options.json) print(JSON.stringify(asJson(it, atMs)));
      else rows.push(asRow(it, atMs));
    }
    if (rows.length > 0) printTable(rows);
  });
}

function codes(
  ids: readonly string[],
  options: SomeOptions & { readonly json?: boolean; readonly site?: string },
): Promise<void> {
  return withChit(async ({ context }) => {
    const some = requireSome(await someIn(context, ids, options));
    const handed = await handOutInvitations(context, commandLine(), some).catch(explain);
    const address = handed.length === 0 ? '' : linkAddress(options.site);
    const rows = handed.map(({ invitation, code, path }) => ({
      name: invitation.name,
      username: invitation.username ?? '',
      code,
      link: `${address}${path}`,
    }));
    if (!options.json) return printTable(rows);
    for (const row of rows) print(JSON.stringify({ ...row, username: row.username || null }));
  });
}

function extend(
  ids: readonly string[],
  options: SomeOptions & { readonly days: number; readonly until?: number },
): Promise<void> {
  return withChit(async ({ context }) => {
    const some = requireSome(await someIn(context, ids, options));
    const { days, until: untilMs } = options;
    const lasting: Lasting = untilMs === undefined ? { hours: days * HOURS_A_DAY } : { untilMs };
    const extended = await extendInvitations(context, commandLine(), { some, lasting }).catch(
      explain,
    );
    const how = untilMs === undefined ? `by ${counted(days, 'day')}` : `until ${textOf(untilMs)}`;
    print(`${counted(extended, 'invitation')} extended ${how}.`);
  });
}

function send(
  ids: readonly string[],
  options: SomeOptions & { readonly language: MailLanguage },
): Promise<void> {
  return withChit(async ({ context }) => {
    const some = requireSome(await someIn(context, ids, options));
    const { language } = options;
    const sent = await sendInvitations(context, commandLine(), { some, language }).catch(explain);
    print(`${counted(sent, 'invitation')} will be mailed.`);
  });
}

function end(
  ids: readonly string[],
  options: SomeOptions & { readonly reason?: string },
): Promise<void> {
  return withChit(async ({ context }) => {
    const some = requireSome(await someIn(context, ids, options));
    const change = { some, reason: options.reason };
    const ended = await endInvitations(context, commandLine(), change).catch(explain);
    print(`${counted(ended, 'invitation')} ended.`);
  });
}

async function someIn(
  { groups }: Context,
  ids: readonly string[],
  { group: name }: SomeOptions,
): Promise<SomeInvitations> {
  const group = name === undefined ? undefined : await groups.byName(name);
  if (name !== undefined && !group) {
    throw new CommandFailure(`There is no group named "${name}".`);
  }
  return { ids: ids.length === 0 ? undefined : ids, groupId: group?.id };
}

/** Nobody means all invitations without saying so. */
function requireSome(some: SomeInvitations): SomeInvitations {
  if (some.ids !== undefined || some.groupId !== undefined) return some;
  throw new CommandFailure('Give the ids of invitations, or --group.');
}

function explain(error: unknown): never {
  if (hasCode(error, 'mail_off')) throw new CommandFailure('The site sends no mail.');
  if (hasCode(error, 'invalid_fields')) {
    const faults = Object.values(error.details.fields).flat();
    throw new CommandFailure(faults.map(({ message }) => message).join(' '));
  }
  if (hasCode(error, 'invitation_not_found')) {
    throw new CommandFailure('There is no such invitation that somebody could still come by.');
  }
  if (hasCode(error, 'invitation_codes_lost')) {
    throw new CommandFailure(
      'The secret key is not the one that these codes were made with. Extend the invitations; ' +
        'then they have new codes.',
    );
  }
  throw error;
}

function asRow(invitation: Invitation, atMs: number): Record<string, string | number> {
  return {
    id: invitation.id,
    name: invitation.name,
    username: invitation.accountName ?? invitation.username ?? '',
    groups: invitation.groups.map(({ name }) => name).join('; '),
    state: stateOf(invitation, atMs),
    until: textOf(invitation.expiresAtMs) ?? '',
    came: textOf(invitation.acceptedAtMs) ?? '',
  };
}

function asJson(invitation: Invitation, atMs: number): object {
  const { acceptedAtMs, userId } = invitation;
  return {
    id: invitation.id,
    batch: invitation.batchId,
    name: invitation.name,
    username: invitation.accountName ?? invitation.username ?? null,
    email: invitation.email ?? null,
    groups: invitation.groups.map(({ name }) => name),
    plan: invitation.planName ?? null,
    tokens: invitation.credits,
    state: stateOf(invitation, atMs),
    invited_by: invitation.invitedBy,
    last_invited_at: textOf(invitation.lastInvitedAtMs),
    expires_at: textOf(invitation.expiresAtMs),
    ended_at: textOf(invitation.endedAtMs) ?? null,
    accepted_at: textOf(acceptedAtMs) ?? null,
    user_id: acceptedAtMs === undefined ? null : (userId ?? null),
  };
}

function textOf(atMs: number | undefined): string | undefined {
  return atMs === undefined ? undefined : new Date(atMs).toISOString();
}
