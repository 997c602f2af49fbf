import { Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../app/context.ts';
import {
  endInvitations,
  extendInvitations,
  handOutInvitations,
  type SomeInvitations,
} from '../app/invitations/manage-invitations.ts';
import { MAX_HOURS } from '../app/invitations/plan-invitations.ts';
import { loadConfig } from '../config.ts';
import { counted } from '../core/counted.ts';
import { hasCode } from '../core/errors.ts';
import {
  INVITATION_STATES,
  type Invitation,
  type InvitationCursor,
  type InvitationState,
  stateOf,
} from '../store/invitations/invitations.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print, printTable } from './output.ts';
import { withChit } from './with-chit.ts';

const PAGE = 200;
const DEFAULT_DAYS = 14;
const HOURS_A_DAY = 24;

/** Which invitations a command is about. */
interface SomeOptions {
  readonly group?: string;
}

/** `chit invitations`. */
export function invitationsCommand(): Command {
  return new Command('invitations')
    .description('Who was invited and who has come; extend and end invitations')
    .addCommand(
      new Command('list')
        .description('List invitations, newest first')
        .addOption(new Option('--state <state>', 'only these').choices([...INVITATION_STATES]))
        .option('--group <name>', 'only those of a group')
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
        .option('--days <count>', 'how long they last', someDays, DEFAULT_DAYS)
        .action(extend),
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

function list(
  options: SomeOptions & { readonly state?: InvitationState; readonly json?: boolean },
): Promise<void> {
  return withChit(async ({ context }) => {
    const rows: Record<string, string | number>[] = [];
    const { groupId } = await someIn(context, [], options);
    const atMs = context.now();
    let after: InvitationCursor | undefined;
    for (;;) {
      const filter = { state: options.state, groupId, atMs };
      const page = await context.invitations.page(filter, { after, limit: PAGE });
      for (const it of page) {
        if (options.json) print(JSON.stringify(asJson(it, atMs)));
        else rows.push(asRow(it, atMs));
      }
      after = page.at(-1);
      if (page.length < PAGE) break;
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
    const { site = loadConfig().config.publicUrl } = options;
    const address = site.replace(/\/+$/, '');
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
  options: SomeOptions & { readonly days: number },
): Promise<void> {
  return withChit(async ({ context }) => {
    const some = requireSome(await someIn(context, ids, options));
    const change = { some, hours: options.days * HOURS_A_DAY };
    const extended = await extendInvitations(context, commandLine(), change).catch(explain);
    print(`${counted(extended, 'invitation')} extended by ${counted(options.days, 'day')}.`);
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

function someDays(text: string): number {
  const days = Number(text);
  const most = MAX_HOURS / HOURS_A_DAY;
  if (/^\d{1,3}$/.test(text) && days >= 1 && days <= most) return days;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
}
