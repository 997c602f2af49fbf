import { Command, InvalidArgumentError } from 'commander';
import { grantToPool } from '../app/groups/give-out.ts';
import { addMembers, createGroup, endGroup, removeMembers } from '../app/groups/manage-groups.ts';
import type { Chit } from '../compose.ts';
import { counted } from '../core/counted.ts';
import { isCredits } from '../core/credits.ts';
import { ChitError, type ErrorCode, hasCode } from '../core/errors.ts';
import { pageOf, rowsForPage } from '../core/page.ts';
import type { ListedGroup, NameCursor } from '../store/groups/group-lists.ts';
import type { Group } from '../store/groups/groups.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print, printTable } from './output.ts';
import { userNamed, withChit } from './with-chit.ts';

const PAGE = 500;

const REFUSALS: Partial<Record<ErrorCode, string>> = {
  group_name_taken: 'Another group has this name.',
  group_without_pool: 'This group has no pool.',
  balance_limit: 'That would be more than a balance can hold.',
  idempotency_key_reused: 'This key was used for another grant to this group.',
};

export function groupsCommand(): Command {
  return new Command('groups')
    .description('List and manage groups of users and their pools')
    .addCommand(
      new Command('list')
        .description('List groups')
        .option('--ended', 'those that have ended')
        .option('--json', 'one JSON object per line, for scripts')
        .action(list),
    )
    .addCommand(
      named('create', 'Create a group')
        .option('--without-pool', 'without an account that pays for its members')
        .option('--model <names...>', 'what its pool pays for; all models if not given')
        .action(create),
    )
    .addCommand(
      named('add', 'Add users to a group')
        .argument('<usernames...>')
        .option('--manager', 'as managers, who see its usage and give out its pool')
        .action(add),
    )
    .addCommand(
      named('remove', 'Take users out of a group').argument('<usernames...>').action(remove),
    )
    .addCommand(
      named('grant', 'Add tokens to the pool of a group, or take some away')
        .argument('<amount>', 'a whole number of tokens; negative to take them', someCredits)
        .requiredOption('--reason <text>', 'why; shown in the statement of the pool', notBlank)
        .option('--idempotency-key <key>', 'a second run with this key within a day books nothing')
        .action(grant),
    )
    .addCommand(
      named('end', 'End a group: its pool pays no more, and keeps what it has').action(end),
    );
}

function named(name: string, description: string): Command {
  return new Command(name).description(description).argument('<group>', 'its name');
}

function list({ ended, json }: { ended?: boolean; json?: boolean }): Promise<void> {
  return withChit(async ({ context }) => {
    const rows: Record<string, string | number>[] = [];
    for (let after: NameCursor | undefined, isFirst = true; isFirst || after; isFirst = false) {
      const state = ended ? 'ended' : 'active';
      const page = await context.groupLists.page({ state, after, limit: rowsForPage(PAGE) });
      const { items, last } = pageOf(page, PAGE);
      for (const { group } of items) {
        if (json) print(JSON.stringify(asJson(group)));
        else rows.push(asRow(group));
      }
      after = last?.cursor;
    }
    if (rows.length > 0) printTable(rows);
  });
}

function create(
  name: string,
  { withoutPool, model }: { withoutPool?: boolean; model?: string[] },
): Promise<void> {
  return withChit(async ({ context }) => {
    const wanted = { name: notBlank(name), hasPool: !withoutPool, models: model };
    const group = await createGroup(context, commandLine(), wanted).catch(explain);
    print(`The group "${group.name}" was created; its id is ${group.id}.`);
  });
}

function add(name: string, usernames: string[], { manager }: { manager?: boolean }): Promise<void> {
  return withChit(async (chit) => {
    const { id } = await groupNamed(chit, name);
    const users = usernames.map((username) => ({ username }));
    const joining = { users, isManager: manager ?? false };
    const added = await addMembers(chit.context, commandLine(), id, joining).catch(explain);
    print(`Added to "${name}": ${added} of ${counted(users.length, 'user')}.`);
  });
}

function remove(name: string, usernames: string[]): Promise<void> {
  return withChit(async (chit) => {
    const { id } = await groupNamed(chit, name);
    const ids: number[] = [];
    for (const username of usernames) ids.push((await userNamed(chit, username)).id);
    const removed = await removeMembers(chit.context, commandLine(), id, ids);
    print(`Removed from "${name}": ${removed} of ${counted(ids.length, 'user')}.`);
  });
}

interface GrantOptions {
  readonly reason: string;
  readonly idempotencyKey?: string;
}

function grant(name: string, credits: number, options: GrantOptions): Promise<void> {
  return withChit(async (chit) => {
    const group = await groupNamed(chit, name);
    const { reason, idempotencyKey } = options;
    const wanted = { credits, reason, idempotencyKey };
    const granted = Promise.resolve().then(() =>
      grantToPool(chit.context, commandLine(), group, wanted),
    );
    const { balanceCredits, isReplayed } = await granted.catch(explain);
    const outcome = isReplayed ? 'was granted before:' : 'was granted';
    print(`"${name}" ${outcome} ${counted(credits, 'token')} and has ${balanceCredits}.`);
  });
}

function end(name: string): Promise<void> {
  return withChit(async (chit) => {
    const { id } = await groupNamed(chit, name);
    await endGroup(chit.context, commandLine(), id, undefined);
    print(`The group "${name}" has ended. Its pool keeps what it has.`);
  });
}

async function groupNamed({ context }: Chit, name: string): Promise<Group> {
  const group = await context.groups.byName(name.trim());
  if (!group) throw new CommandFailure(`There is no group named "${name}".`);
  return group;
}

function explain(error: unknown): never {
  if (hasCode(error, 'users_unknown')) {
    const names = error.details.users.map((it) => `"${it}"`).join(', ');
    throw new CommandFailure(`Nothing was changed: there is no user ${names}.`);
  }
  if (hasCode(error, 'insufficient_credits')) {
    const { availableCredits } = error.details;
    throw new CommandFailure(`Only ${counted(availableCredits, 'token')} can be taken.`);
  }
  if (hasCode(error, 'invalid_fields')) {
    const faults = Object.values(error.details.fields).flat();
    throw new CommandFailure(faults.map(({ message }) => message).join(' '));
  }
  const refusal = error instanceof ChitError ? REFUSALS[error.code as ErrorCode] : undefined;
  if (refusal) throw new CommandFailure(refusal);
  throw error;
}

function asRow({ group, members, pool }: ListedGroup): Record<string, string | number> {
  return {
    id: group.id,
    name: group.name,
    members,
    tokens: pool?.availableCredits ?? '-',
    models: group.models?.join(', ') ?? 'all',
  };
}

function asJson({ group, members, pool }: ListedGroup): object {
  return {
    id: group.id,
    name: group.name,
    members,
    tokens: pool?.availableCredits ?? null,
    held: pool?.heldCredits ?? null,
    models: group.models ?? null,
  };
}

function notBlank(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It may not be blank.');
}

function someCredits(text: string): number {
  const credits = Number(text);
  if (/^-?\d+$/.test(text) && credits !== 0 && isCredits(credits)) return credits;
  throw new InvalidArgumentError('It must be a whole number of tokens, and not 0.');
}
