import { Command, InvalidArgumentError, Option } from 'commander';
import { assignPlan } from '../app/credits/assign-plan.ts';
import type { PlanEffect } from '../app/credits/plan-work.ts';
import { createPlan, endPlan, type NewPlan, nextRenewal } from '../app/credits/plans.ts';
import type { Chit } from '../compose.ts';
import { type Calendar, calendarText } from '../core/calendar.ts';
import { counted } from '../core/counted.ts';
import { isCredits } from '../core/credits.ts';
import { hasCode } from '../core/errors.ts';
import type { PlanWindow, StoredPlan } from '../store/credits/plans.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print, printTable } from './output.ts';
import { userNamed, withChit } from './with-chit.ts';

const PAGE = 200;

export function plansCommand(): Command {
  return new Command('plans')
    .description('Plans: tokens that accounts are given each day, week, month or term')
    .addCommand(listCommand())
    .addCommand(createCommand())
    .addCommand(giveCommand())
    .addCommand(takeCommand())
    .addCommand(endCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description('List all plans that have not ended, and how many accounts have them')
    .option('--ended', 'those that have ended too')
    .option('--json', 'one JSON object per line, for scripts')
    .action((options: { ended?: boolean; json?: boolean }) =>
      withChit((chit) => list(chit, options)),
    );
}

interface CreateOptions {
  readonly every: 'day' | 'week' | 'month';
  readonly on?: number;
  readonly terms?: string;
  readonly timeZone: string;
  readonly limit: readonly string[];
  readonly models?: string;
  readonly requestsPerMinute?: number;
  readonly usagePerMinute?: number;
}

function createCommand(): Command {
  return new Command('create')
    .description('Create a plan, which nobody has yet')
    .argument('<name>')
    .argument('<tokens>', 'given for each period; what is left of it at the end expires', count)
    .addOption(
      new Option('--every <period>', 'how often')
        .choices(['day', 'week', 'month'])
        .default('month'),
    )
    .option(
      '--on <number>',
      'the weekday (1 is Monday) or the day of the month it begins on',
      count,
    )
    .option('--terms <terms>', 'instead, as FIRST-DAY/LAST-DAY,… such as 2026-02-01/2026-06-30')
    .option('--time-zone <name>', 'where the days begin, such as Europe/Berlin', 'UTC')
    .option(
      '--limit <limit>',
      'at most so many tokens in 5h, day, week or month, such as 300/5h; several times for several',
      (text: string, before: readonly string[]) => [...before, text],
      [] as readonly string[],
    )
    .option('--models <names>', 'the models that it pays for, separated by commas; else all')
    .option('--requests-per-minute <number>', 'how many messages a minute', count)
    .option('--usage-per-minute <number>', 'how many tokens of models a minute', count)
    .action((name: string, tokens: number, options: CreateOptions) =>
      withChit(async ({ context }) => {
        const wanted = wantedPlan(name, tokens, options);
        const run = { isDryRun: false };
        const { plan } = await createPlan(context, commandLine(), wanted, run).catch(explain);
        const when = timeText(nextRenewal(plan, context.now()).firstRenewalMs);
        print(`The plan "${plan.name}" gives ${counted(tokens, 'token')}, next at ${when}.`);
      }),
    );
}

function giveCommand(): Command {
  return new Command('give')
    .description('Give a user a plan, from the next renewal of the present one or now')
    .argument('<username>')
    .argument('<plan>', 'its name')
    .option('--now', 'what is left of the present allowance expires, and the new one is given')
    .option('--until <time>', 'when it ends again, such as 2027-01-31T00:00Z; needs --now', moment)
    .option('--dry-run', 'only say what it would do')
    .option('--reason <text>', 'why; kept in the audit log')
    .action((username: string, name: string, options: GiveOptions) =>
      withChit(async (chit) => {
        const plan = await planNamed(chit, name);
        print(await give(chit, username, plan, options));
      }),
    );
}

function takeCommand(): Command {
  return new Command('take')
    .description('End the plan of a user, at its next renewal or now')
    .argument('<username>')
    .option('--now', 'what is left of the allowance expires at once')
    .option('--dry-run', 'only say what it would do')
    .option('--reason <text>', 'why; kept in the audit log')
    .action((username: string, options: GiveOptions) =>
      withChit(async (chit) => print(await give(chit, username, undefined, options))),
    );
}

function endCommand(): Command {
  return new Command('end')
    .description('End a plan: for each account at its next renewal, or now')
    .argument('<plan>', 'its name')
    .option('--now', 'what is left of the allowances expires at once')
    .option('--dry-run', 'only say what it would do')
    .option('--reason <text>', 'why; kept in the audit log')
    .action((name: string, { now, dryRun: isDryRun = false, reason }: GiveOptions) =>
      withChit(async (chit) => {
        const { id } = await planNamed(chit, name);
        const from = now ? ('now' as const) : ('renewal' as const);
        const asked = { from, isDryRun, reason };
        const { effect } = await endPlan(chit.context, commandLine(), id, {
          ...asked,
          isWaiting: true,
        }).catch(explain);
        const verb = isDryRun ? 'would end' : 'ended';
        const last =
          now || effect.accounts === 0 ? '' : `, the last at ${timeText(effect.lastRenewalMs)}`;
        print(`The plan "${name}" ${verb} for ${counted(effect.accounts, 'account')}${last}.`);
        if (effect.expiredCredits > 0)
          print(`Expired at once: ${counted(effect.expiredCredits, 'token')}.`);
      }),
    );
}

interface GiveOptions {
  readonly now?: boolean;
  readonly until?: number;
  readonly dryRun?: boolean;
  readonly reason?: string;
}

/** @returns what it did, for people */
async function give(
  chit: Chit,
  username: string,
  plan: StoredPlan | undefined,
  { now, until: endsAtMs, dryRun: isDryRun = false, reason }: GiveOptions,
): Promise<string> {
  const user = await userNamed(chit, username);
  const { effect } = await assignPlan(chit.context, commandLine(), {
    accountIds: [user.id],
    planId: plan?.id,
    from: now ? 'now' : 'renewal',
    endsAtMs,
    isDryRun,
    reason,
  }).catch(explain);
  const isLater = !now && effect.givenCredits === 0 && effect.firstRenewalMs !== undefined;
  const from = isLater ? ' from the next renewal on' : '';
  const what = plan ? `has the plan "${plan.name}"${from}` : `has no plan${from}`;
  const would = isDryRun ? 'Nothing was changed. Afterwards, ' : '';
  return `${would}${username} ${what}${effectText(effect)}.`;
}

function effectText({ expiredCredits, givenCredits, firstRenewalMs }: PlanEffect): string {
  const parts = [
    ...(expiredCredits > 0 ? [`${counted(expiredCredits, 'token')} expired`] : []),
    ...(givenCredits > 0 ? [`${counted(givenCredits, 'token')} given`] : []),
    ...(firstRenewalMs === undefined ? [] : [`next renewal at ${timeText(firstRenewalMs)}`]),
  ];
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

function timeText(ms: number | undefined): string {
  return ms === undefined ? 'no time' : new Date(ms).toISOString();
}

async function list(
  { context }: Chit,
  { ended = false, json }: { ended?: boolean; json?: boolean },
): Promise<void> {
  const rows: Record<string, string | number>[] = [];
  for (let beforeId: string | undefined; ; ) {
    const page = await context.plans.page({ beforeId, withEnded: ended, limit: PAGE });
    const counts = await context.plans.accountCounts(page.map(({ id }) => id));
    for (const plan of page) {
      const row = {
        id: plan.id,
        name: plan.name,
        tokens: plan.allowanceCredits,
        calendar: calendarText(plan.calendar),
        accounts: counts.get(plan.id) ?? 0,
        next_renewal: timeText(nextRenewal(plan, context.now()).firstRenewalMs),
        state: plan.endedAtMs === undefined ? 'active' : 'ended',
      };
      if (json) print(JSON.stringify(row));
      else rows.push(row);
    }
    beforeId = page.at(-1)?.id;
    if (page.length < PAGE) break;
  }
  if (rows.length > 0) printTable(rows);
}

async function planNamed({ context }: Chit, name: string): Promise<StoredPlan> {
  const plan = await context.plans.byName(name);
  if (!plan) throw new CommandFailure(`There is no plan named "${name}".`);
  return plan;
}

function wantedPlan(name: string, tokens: number, options: CreateOptions): NewPlan {
  const { every, on = 1, terms, timeZone, models } = options;
  return {
    name: name.trim(),
    allowanceCredits: tokens,
    calendar:
      terms === undefined
        ? calendarOf(every, on, timeZone)
        : { kind: 'term', terms: termsIn(terms), timeZone },
    windows: options.limit.map((it) => windowIn(it, timeZone)),
    models: models?.split(',').map((it) => it.trim()),
    requestsPerMinute: options.requestsPerMinute,
    usagePerMinute: options.usagePerMinute,
  };
}

function calendarOf(every: CreateOptions['every'], on: number, timeZone: string): Calendar {
  switch (every) {
    case 'day':
      return { kind: every, timeZone };
    case 'week':
      return { kind: every, weekday: on, timeZone };
    case 'month':
      return { kind: every, day: on, timeZone };
  }
}

function termsIn(text: string) {
  return text.split(',').map((term) => {
    const [firstDay = '', lastDay = ''] = term.trim().split('/');
    return { firstDay, lastDay };
  });
}

/** @throws CommandFailure */
function windowIn(text: string, timeZone: string): PlanWindow {
  const [, tokens = '', hours, period] = /^(\d+)\/(?:(\d+)h|(day|week|month))$/.exec(text) ?? [];
  const limitCredits = Number(tokens);
  if (tokens === '' || !isCredits(limitCredits) || hours === '0') {
    throw new CommandFailure(`"${text}" is no limit. Give it as 300/5h, 500/day, or 900/week.`);
  }
  if (hours !== undefined) return { limitCredits, window: { kind: 'hours', hours: Number(hours) } };
  const calendar = calendarOf(period as CreateOptions['every'], 1, timeZone);
  return { limitCredits, window: { kind: 'calendar', calendar } };
}

function count(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number > 0 && isCredits(number)) return number;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

function moment(text: string): number {
  const ms = Date.parse(text);
  if (/^\d{4}-/.test(text) && !Number.isNaN(ms)) return ms;
  throw new InvalidArgumentError('It must be a time in ISO 8601, such as 2027-01-31T00:00Z.');
}

function explain(error: unknown): never {
  if (hasCode(error, 'plan_name_taken')) {
    throw new CommandFailure('Another plan has this name. Nothing was changed.');
  }
  if (hasCode(error, 'plan_ended')) throw new CommandFailure('This plan has ended already.');
  if (hasCode(error, 'invalid_fields')) {
    const faults = Object.values(error.details.fields).flat();
    throw new CommandFailure(faults.map(({ message }) => message).join(' '));
  }
  throw error;
}
