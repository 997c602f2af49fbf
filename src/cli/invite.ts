import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { invitationFaultText } from '../app/invitations/fault-text.ts';
import { invitePeople } from '../app/invitations/invite-people.ts';
import { handedOut } from '../app/invitations/manage-invitations.ts';
import {
  type InvitationCounts,
  type InvitationPlan,
  type Lasting,
  MAX_HOURS,
  planInvitations,
} from '../app/invitations/plan-invitations.ts';
import type { Person } from '../app/invitations/read-people.ts';
import { counted } from '../core/counted.ts';
import { type Credits, isCredits } from '../core/credits.ts';
import { csvLine } from '../core/csv.ts';
import { hasCode } from '../core/errors.ts';
import { MAIL_LANGUAGES, type MailLanguage } from '../core/notices.ts';
import { commandLine } from './command-line-principal.ts';
import { readCsvFile } from './csv-file.ts';
import { daysIn, untilIn } from './how-long.ts';
import { linkAddress } from './link-address.ts';
import { CommandFailure, print, printError, visible } from './output.ts';
import { withChit } from './with-chit.ts';

const MAX_FAULTS_SHOWN = 20;
/** Codes are for nobody but the one who hands them out. */
const PRIVATE_FILE = 0o600;
const DEFAULT_DAYS = 14;
const HOURS_A_DAY = 24;
const HEAD = ['name', 'username', 'email', 'groups', 'code', 'link', 'expires_at'] as const;

interface InviteOptions {
  readonly csv?: string;
  readonly usernames?: boolean;
  readonly email?: string;
  readonly group: readonly string[];
  readonly plan?: string;
  readonly tokens?: Credits;
  readonly days: number;
  readonly hours?: number;
  readonly until?: number;
  readonly pools: boolean;
  readonly mail?: MailLanguage;
  readonly dryRun?: boolean;
  readonly out?: string;
  readonly json?: boolean;
  readonly site?: string;
}

/** `chit invite`. */
export function inviteCommand(): Command {
  return new Command('invite')
    .description('Invite people: each gets a code and a link, and the account once they come')
    .argument('[names...]', 'whom the invitations are for, as they are printed')
    .option('--csv <file>', 'a file: name, username, email, groups, plan, tokens')
    .option('--usernames', 'the names are also those of the accounts, kept until then')
    .option('--email <address>', 'of the one person who is named')
    .option('--group <name>', 'a group to join; may be repeated', more, [])
    .option('--plan <name>', 'a plan')
    .option('--tokens <amount>', 'the opening balance', someTokens)
    .option('--days <count>', 'how long they last', daysIn, DEFAULT_DAYS)
    .option('--hours <count>', 'the same in hours', upTo(MAX_HOURS))
    .option('--until <time>', 'until when instead: 2027-01-31, or 2027-01-31T12:00Z', untilIn)
    .option('--no-pools', 'groups that are created get no pool, which pays for their members')
    .addOption(
      new Option('--mail <language>', 'mail them to those who have an address').choices([
        ...MAIL_LANGUAGES,
      ]),
    )
    .option('--dry-run', 'only tell what it would do')
    .option('--out <file>', 'write codes and links there, as CSV, instead of printing them')
    .option('--json', 'one JSON object per line, for scripts')
    .option('--site <url>', 'the address of the site, in front of links (default: CHIT_PUBLIC_URL)')
    .addHelpText('after', HELP)
    .action(run);
}

const HELP = `
All are invited or nobody. Whoever has an account or an invitation of the same username or address
is left out, so a file can be used again with more people in it. Groups that do not exist are
created. \`chit invitations list\` shows who has come; the panel prints slips.`;

function run(names: readonly string[], options: InviteOptions): Promise<void> {
  const people = options.csv === undefined ? peopleIn(names, options) : fileIn(names, options);
  const { hours = options.days * HOURS_A_DAY, pools: hasPools, until: untilMs } = options;
  const lasting: Lasting = untilMs === undefined ? { hours } : { untilMs };
  const asked = { people, ...lasting, hasPools, mailLanguage: options.mail };
  return withChit(async ({ context }) => {
    const plan = await planInvitations(context, asked).catch(explain);
    requireNoFaults(plan, options);
    if (options.dryRun) {
      if (options.json) print(JSON.stringify(countsAsJson(plan.counts)));
      else print(`It would be: ${countsText(plan.counts)}.`);
      return;
    }
    const request = { ...asked, expected: plan.expected };
    const { invitations } = await invitePeople(context, commandLine(), request).catch(explain);
    const address = invitations.length === 0 ? '' : linkAddress(options.site);
    const rows = invitations.map((it) => {
      const { code, path } = handedOut(context, it);
      return {
        name: it.name,
        username: it.username ?? null,
        email: it.email ?? null,
        groups: it.groups.map(({ name }) => name),
        code,
        link: `${address}${path}`,
        expires_at: new Date(it.expiresAtMs).toISOString(),
      };
    });
    handOut(rows, options);
    // To stderr, so that what is on stdout is for programs.
    printError(`Done: ${countsText(plan.counts)}.`);
  });
}

type HandedOutRow = Readonly<Record<Exclude<(typeof HEAD)[number], 'groups'>, string | null>> & {
  readonly groups: readonly string[];
};

function handOut(rows: readonly HandedOutRow[], { json, out }: InviteOptions): void {
  if (json) {
    for (const row of rows) print(JSON.stringify(row));
    return;
  }
  if (rows.length === 0) return;
  const lines = rows.map((row) =>
    csvLine(HEAD.map((it) => (it === 'groups' ? row.groups.join('; ') : row[it]))),
  );
  const file = csvLine([...HEAD]) + lines.join('');
  if (out === undefined) process.stdout.write(file);
  else writeFileSync(out, file, { mode: PRIVATE_FILE });
}

function peopleIn(names: readonly string[], options: InviteOptions): Person[] {
  const { usernames, email, group: groups, plan, tokens } = options;
  const all = names.length === 0 && email !== undefined ? [undefined] : names;
  if (all.length === 0) throw new CommandFailure('Name somebody, or give a file with --csv.');
  if (email !== undefined && all.length > 1) {
    throw new CommandFailure('--email is for one person. Give a file with --csv for more.');
  }
  return all.map((name) => ({
    name: name?.trim() || undefined,
    username: usernames ? name?.trim() || undefined : undefined,
    email,
    groups,
    plan,
    tokens,
  }));
}

function fileIn(names: readonly string[], options: InviteOptions): string {
  const { csv = '', usernames, email, group, plan, tokens } = options;
  const isAlone = !usernames && email === undefined && group.length === 0;
  if (names.length > 0 || !isAlone || plan !== undefined || tokens !== undefined) {
    throw new CommandFailure('With --csv, the file alone says who is invited and what they get.');
  }
  return readCsvFile(csv);
}

function requireNoFaults({ faults }: InvitationPlan, { csv }: InviteOptions): void {
  if (faults.length === 0) return;
  for (const fault of faults.slice(0, MAX_FAULTS_SHOWN)) {
    const column = fault.column === undefined ? '' : `, ${visible(fault.column)}`;
    const value = fault.value === undefined ? '' : ` ${visible(fault.value)}`;
    const place = csv === undefined ? `Person ${fault.row}` : `Row ${fault.row}`;
    printError(`${place}${column}: ${invitationFaultText(fault)}${value}`);
  }
  throw new CommandFailure(`Nobody was invited: ${counted(faults.length, 'fault')}.`);
}

function countsText(counts: InvitationCounts): string {
  return [
    `${counted(counts.invitations, 'invitation')} with ${counted(counts.credits, 'token')}`,
    `${counts.here} with an account, ${counts.invited} invited before`,
    `${counted(counts.newGroups, 'new group')} (${counts.newPools} with a pool)`,
    counted(counts.joins, 'group join'),
    counted(counts.plans, 'plan'),
    counted(counts.mails, 'mail'),
  ].join(', ');
}

function countsAsJson(counts: InvitationCounts): object {
  return {
    rows: counts.rows,
    invitations: counts.invitations,
    here: counts.here,
    invited: counts.invited,
    emails: counts.emails,
    mails: counts.mails,
    new_groups: counts.newGroups,
    new_pools: counts.newPools,
    joins: counts.joins,
    plans: counts.plans,
    tokens: counts.credits,
  };
}

function explain(error: unknown): never {
  if (hasCode(error, 'invalid_fields')) {
    const faults = Object.values(error.details.fields).flat();
    throw new CommandFailure(faults.map(({ message }) => message).join(' '));
  }
  if (hasCode(error, 'mail_off')) {
    throw new CommandFailure('Nobody was invited: the site sends no mail. Leave --mail out.');
  }
  if (hasCode(error, 'invitations_changed')) {
    throw new CommandFailure('Nobody was invited: a name was taken just now. Run it again.');
  }
  throw error;
}

function more(text: string, before: readonly string[]): string[] {
  if (text.trim() === '') throw new InvalidArgumentError('It may not be blank.');
  return [...before, text.trim()];
}

function someTokens(text: string): Credits {
  const credits = Number(text);
  if (/^\d{1,16}$/.test(text) && isCredits(credits)) return credits;
  throw new InvalidArgumentError('It must be a whole number of tokens.');
}

function upTo(max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d{1,6}$/.test(text) && number >= 1 && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
  };
}
