import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { ConfigError } from '../config.ts';
import { adminKeysCommand } from './admin-keys.ts';
import { backupCommand, backupsCommand } from './backup.ts';
import { configCommand } from './config.ts';
import { createSuperuserCommand } from './createsuperuser.ts';
import { doctorCommand } from './doctor.ts';
import { grantCommand } from './grant.ts';
import { groupsCommand } from './groups.ts';
import { importDjangoCommand } from './import-django.ts';
import { invitationsCommand } from './invitations.ts';
import { inviteCommand } from './invite.ts';
import { ledgerCommand } from './ledger.ts';
import { mailCommand } from './mail.ts';
import { migrateCommand } from './migrate.ts';
import { modelsCommand } from './models.ts';
import { moveCommand } from './move.ts';
import { CommandFailure, printError } from './output.ts';
import { plansCommand } from './plans.ts';
import { pricesCommand } from './prices.ts';
import { reconcileCommand } from './reconcile.ts';
import { refundCommand } from './refund.ts';
import { restoreCommand } from './restore.ts';
import { scimTokenCommand } from './scim-token.ts';
import { serveCommand } from './serve.ts';
import { setupLinkCommand } from './setup-link.ts';
import { usersCommand } from './users.ts';
import { vouchersCommand } from './vouchers.ts';

/** Exit codes, so that scripts can tell why a command failed. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** All commands, with their options. */
export function chitProgram(): Command {
  const program = new Command('chit')
    .description(packageJson.description)
    .version(packageJson.version)
    .exitOverride()
    .showHelpAfterError('Run it with --help for usage.');
  const commands = [
    serveCommand(),
    migrateCommand(),
    createSuperuserCommand(),
    setupLinkCommand(),
    usersCommand(),
    inviteCommand(),
    invitationsCommand(),
    adminKeysCommand(),
    grantCommand(),
    plansCommand(),
    groupsCommand(),
    refundCommand(),
    ledgerCommand(),
    reconcileCommand(),
    modelsCommand(),
    pricesCommand(),
    importDjangoCommand(),
    configCommand(),
    vouchersCommand(),
    backupCommand(),
    backupsCommand(),
    restoreCommand(),
    doctorCommand(),
    mailCommand(),
    moveCommand(),
    scimTokenCommand(),
  ];
  for (const command of commands) program.addCommand(inheriting(command, program));
  return program;
}

/**
 * Runs one command line.
 * @param args without the program's own name
 * @returns the exit code: 0 success, 1 failure (with the reason on stderr), 2 wrong usage
 */
export async function run(args: readonly string[]): Promise<number> {
  const program = chitProgram();
  process.stdout.once('error', stopPrinting);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return exitCodeOf(error);
  }
}

/** Applies the settings of the program to a command and its subcommands. */
function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const inner of command.commands) inheriting(inner as Command, command);
  return command;
}

/** A reader such as `head` may close our output early. */
function stopPrinting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.done);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof ConfigError) {
    printError(error.message);
    return EXIT.usage;
  }
  printError(error instanceof CommandFailure ? error.message : describe(error));
  return EXIT.failed;
}

/** An unexpected error, with its stack for bug reports. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
