import { Command, InvalidArgumentError } from 'commander';
import { createUser } from '../app/accounts/manage-users.ts';
import type { Context } from '../app/context.ts';
import { assignPlan } from '../app/credits/assign-plan.ts';
import { addMembers } from '../app/groups/manage-groups.ts';
import { type Credits, isCredits } from '../core/credits.ts';
import { hasCode } from '../core/errors.ts';
import { timesIn } from '../core/shown-time.ts';
import { commandLine } from './command-line-principal.ts';
import { linkAddress } from './link-address.ts';
import { CommandFailure, print } from './output.ts';
import { promptNewPassword } from './prompt.ts';
import { withChit } from './with-chit.ts';

interface CreateOptions {
  readonly tokens?: Credits;
  readonly group: readonly string[];
  readonly plan?: string;
  readonly password?: boolean;
  readonly staff?: boolean;
  readonly json?: boolean;
  readonly site?: string;
}

/** `chit users create`. */
export function createUserCommand(): Command {
  return new Command('create')
    .description('Create a user, and print a link to choose a password')
    .argument('<username>')
    .option('--tokens <amount>', 'the opening balance (default: CHIT_SIGNUP_TOKENS)', someTokens)
    .option('--group <name>', 'a group to join; may be repeated', more, [])
    .option('--plan <name>', 'a plan')
    .option('--password', 'set a password instead: prompted for, or from standard input')
    .option('--staff', 'a member of staff')
    .option('--json', 'as JSON, for scripts')
    .option('--site <url>', 'the address of the site, in front of the link')
    .action(run);
}

function run(username: string, options: CreateOptions): Promise<void> {
  return withChit(async ({ context }) => {
    // What does not exist is said before there is an account.
    const groupIds = await Promise.all(options.group.map((name) => groupNamed(context, name)));
    const planId = options.plan === undefined ? undefined : await planNamed(context, options.plan);
    const password = options.password ? await promptNewPassword(context, username) : undefined;
    const { user, link } = await createUser(context, commandLine(), {
      username,
      password,
      openingCredits: options.tokens,
      isStaff: options.staff ?? false,
      isSuperuser: false,
    }).catch(explain);
    for (const id of groupIds) {
      await addMembers(context, commandLine(), id, { users: [{ id: user.id }], isManager: false });
    }
    if (planId !== undefined) {
      const assignment = { accountIds: [user.id], planId, from: 'now' as const };
      await assignPlan(context, commandLine(), assignment);
    }
    const url = link && `${linkAddress(options.site)}${link.path}`;
    const until = link && new Date(link.expiresAtMs).toISOString();
    if (options.json) {
      const shown = { id: user.id, username, link: url ?? null, link_expires_at: until ?? null };
      print(JSON.stringify(shown));
      return;
    }
    print(`${username} was created.`);
    if (!link) return;
    const time = timesIn('en-GB', context.policy.timeZone)(link.expiresAtMs);
    print(`With this link a password can be chosen, once, until ${time}:\n${url}`);
  });
}

async function groupNamed({ groups }: Context, name: string): Promise<string> {
  const group = await groups.byName(name);
  if (!group) throw new CommandFailure(`There is no group named "${name}". Nobody was created.`);
  return group.id;
}

async function planNamed({ plans }: Context, name: string): Promise<string> {
  const plan = await plans.byName(name);
  if (!plan) throw new CommandFailure(`There is no plan named "${name}". Nobody was created.`);
  return plan.id;
}

function explain(error: unknown): never {
  if (hasCode(error, 'username_taken')) {
    throw new CommandFailure(
      'This name is taken: an account or an invitation has it, or one that is too similar.',
    );
  }
  if (hasCode(error, 'invalid_fields')) {
    const [[, [fault] = []] = ['', []]] = Object.entries(error.details.fields);
    throw new CommandFailure(fault?.message ?? 'No account can have this name.');
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
