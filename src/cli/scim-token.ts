import { Command, InvalidArgumentError } from 'commander';
import { createScimToken, endScimToken, listScimTokens } from '../app/directory/scim-tokens.ts';
import { hasCode } from '../core/errors.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print, printTable } from './output.ts';
import { withChit } from './with-chit.ts';

const DAY_MS = 24 * 3_600_000;
const MOST_DAYS = 3_650;
const MOST_NAME = 100;

/** The command that makes, lists and ends tokens for the SCIM API. */
export function scimTokenCommand(): Command {
  return new Command('scim-token')
    .description('Tokens with which a directory makes and disables accounts (SCIM)')
    .addCommand(
      new Command('create')
        .description('Make a token, and print it: it is shown only now')
        .argument('<name>', 'such as the name of the directory; the audit log has it', shortName)
        .option('--days <days>', 'how long it lasts; for ever if not given', wholeDays)
        .action(create),
    )
    .addCommand(new Command('list').description('List the tokens that have not ended').action(list))
    .addCommand(new Command('end').description('End a token').argument('<name>').action(end));
}

function create(name: string, { days }: { days?: number }): Promise<void> {
  return withChit(async ({ context }) => {
    const expiresAtMs = days === undefined ? undefined : context.now() + days * DAY_MS;
    const { token } = await createScimToken(context, commandLine(), { name, expiresAtMs }).catch(
      explain,
    );
    print(token);
  });
}

function list(): Promise<void> {
  return withChit(async ({ context }) => {
    const tokens = await listScimTokens(context, commandLine());
    const rows = tokens.map(({ name, prefix, createdAtMs, expiresAtMs, lastUsedAtMs }) => ({
      name,
      token: `${prefix}…`,
      made: timeText(createdAtMs),
      expires: timeText(expiresAtMs),
      used: timeText(lastUsedAtMs),
    }));
    if (rows.length > 0) printTable(rows);
  });
}

function end(name: string): Promise<void> {
  return withChit(async ({ context }) => {
    const tokens = await listScimTokens(context, commandLine());
    const token = tokens.find((it) => it.name === name);
    if (!token) throw new CommandFailure(`There is no token named "${name}".`);
    await endScimToken(context, commandLine(), token.id);
    print(`The token "${name}" has ended.`);
  });
}

function explain(error: unknown): never {
  if (hasCode(error, 'scim_token_name_taken')) {
    throw new CommandFailure('Another token has this name. End it first, or choose another name.');
  }
  throw error;
}

function timeText(atMs: number | undefined): string {
  return atMs === undefined ? '-' : new Date(atMs).toISOString();
}

function shortName(text: string): string {
  const name = text.trim();
  if (name !== '' && name.length <= MOST_NAME) return name;
  throw new InvalidArgumentError(`It must have 1 to ${MOST_NAME} characters.`);
}

function wholeDays(text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= MOST_DAYS) return days;
  throw new InvalidArgumentError(`It must be a whole number of days, up to ${MOST_DAYS}.`);
}
