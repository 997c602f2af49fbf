import { createWriteStream, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { exportAccount } from '../app/accounts/export-account.ts';
import { resetFactors } from '../app/accounts/factors/manage-factors.ts';
import { changeUser, deleteUser, setPasswordOf } from '../app/accounts/manage-users.ts';
import { readBalance } from '../app/credits/read-balance.ts';
import { auditEntry } from '../app/principal.ts';
import { hasCode } from '../core/errors.ts';
import { accountJson } from '../http/accounts/account-export.ts';
import type { User } from '../store/accounts/users.ts';
import { commandLine } from './command-line-principal.ts';
import { disconnect, listConnected } from './connected-accounts.ts';
import { createUserCommand } from './create-user.ts';
import { importUsersCommand } from './import-users.ts';
import { CommandFailure, print, printTable, visible } from './output.ts';
import { passwordLinkCommand } from './password-link.ts';
import { promptLine, promptNewPassword } from './prompt.ts';
import { userNamed, withChit } from './with-chit.ts';

const PAGE = 500;

export function usersCommand(): Command {
  return new Command('users')
    .description('List and manage user accounts')
    .addCommand(
      new Command('list')
        .description('List all users')
        .option('--json', 'one JSON object per line, for scripts')
        .action(list),
    )
    .addCommand(
      named('show', 'Show one user').option('--json', 'as JSON, for scripts').action(show),
    )
    .addCommand(named('disable', 'Disable a user').action(setActive(false)))
    .addCommand(named('enable', 'Enable a disabled user').action(setActive(true)))
    .addCommand(
      named('reset-factors', 'Remove the second factors that a user has lost').action(
        resetLostFactors,
      ),
    )
    .addCommand(
      named('connected', 'List the accounts elsewhere by which a user signs in')
        .option('--json', 'one JSON object per line, for scripts')
        .action(listConnected),
    )
    .addCommand(
      named('disconnect', 'Disconnect an account elsewhere from a user; ends all sessions')
        .argument('<id>', 'as `chit users connected` lists it')
        .action(disconnect),
    )
    .addCommand(
      named('make-staff', 'Make a user a member of staff').action(
        setRole({ isStaff: true }, 'is staff'),
      ),
    )
    .addCommand(
      named('make-superuser', 'Make a user a superuser').action(
        setRole({ isSuperuser: true }, 'is a superuser'),
      ),
    )
    .addCommand(
      named('take-staff', 'Take the roles of staff and superuser from a user').action(
        setRole({ isStaff: false }, 'is no longer staff'),
      ),
    )
    .addCommand(createUserCommand())
    .addCommand(importUsersCommand())
    .addCommand(
      named('export', 'Export all that is stored about a user, as JSON')
        .argument('<file>', 'a new file, or - for standard output')
        .action(exportUser),
    )
    .addCommand(
      named('delete', 'Erase a user; the transfers stay, without a name')
        .option('--yes', 'do not ask for confirmation')
        .action(erase),
    )
    .addCommand(
      named('reset-password', 'Set a new password; ends all tokens and API keys').action(
        setPassword,
      ),
    )
    .addCommand(passwordLinkCommand());
}

function named(name: string, description: string): Command {
  return new Command(name).description(description).argument('<username>');
}

function list({ json }: { json?: boolean }): Promise<void> {
  return withChit(async ({ context }) => {
    const rows: Record<string, string | number>[] = [];
    let afterId = -1;
    for (;;) {
      const page = await context.users.list({ afterId, limit: PAGE });
      for (const user of page) {
        if (json) print(JSON.stringify(asJson(user, user.availableCredits)));
        else rows.push(asRow(user, user.availableCredits));
      }
      const last = page.at(-1);
      if (!last || page.length < PAGE) break;
      afterId = last.id;
    }
    if (rows.length > 0) printTable(rows);
  });
}

function show(username: string, { json }: { json?: boolean }): Promise<void> {
  return withChit(async (chit) => {
    const user = await userNamed(chit, username);
    const tokens = await readBalance(chit.context, user.id);
    if (json) print(JSON.stringify(asJson(user, tokens)));
    else
      for (const [name, value] of Object.entries(asRow(user, tokens)))
        print(`${name}: ${visible(String(value))}`);
  });
}

function setActive(isActive: boolean): (username: string) => Promise<void> {
  return (username) =>
    withChit(async (chit) => {
      const user = await userNamed(chit, username);
      await changeUser(chit.context, commandLine(), user.id, {
        isActive,
        reason: undefined,
      }).catch(explain);
      print(`${username} is ${isActive ? 'enabled' : 'disabled'}.`);
    });
}

function resetLostFactors(username: string): Promise<void> {
  return withChit(async (chit) => {
    const { id } = await userNamed(chit, username);
    const isDone = await resetFactors(chit.context, commandLine(), id, undefined);
    if (!isDone) return print(`${visible(username)} has no second factor.`);
    print(`The second factors of ${visible(username)} are removed, and all sessions have ended.`);
  });
}

function setRole(
  role: { readonly isStaff: boolean } | { readonly isSuperuser: boolean },
  outcome: string,
): (username: string) => Promise<void> {
  return (username) =>
    withChit(async (chit) => {
      const user = await userNamed(chit, username);
      await changeUser(chit.context, commandLine(), user.id, {
        ...role,
        reason: undefined,
      }).catch(explain);
      print(`${username} ${outcome}.`);
    });
}

function erase(username: string, { yes }: { yes?: boolean }): Promise<void> {
  return withChit(async (chit) => {
    const user = await userNamed(chit, username);
    if (!yes) {
      const answer = await promptLine(
        `This erases "${username}" permanently. Type the name to confirm: `,
        '--yes',
      );
      if (answer !== username) throw new CommandFailure('The names differ. Nothing was erased.');
    }
    await deleteUser(chit.context, commandLine(), user.id, undefined).catch(explain);
    print(`${username} was erased.`);
  });
}

async function exportUser(username: string, file: string): Promise<void> {
  await withChit(async ({ context }) => {
    const found = await context.users.byUsername(username);
    const user = found && (await context.users.byId(found.id));
    if (!user) throw new CommandFailure(`There is no user named "${username}".`);
    const event = { action: 'user.export', target: `user:${user.id}` } as const;
    await context.auditLog.add(auditEntry(commandLine(), event));
    const pieces = accountJson(exportAccount(context, user), context.now());
    if (file === '-') {
      await pipeline(pieces, process.stdout, { end: false });
      return;
    }
    const target = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    try {
      await pipeline(pieces, target);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') throw new CommandFailure(`There is a file ${file} already.`);
      // A part must not be taken for the whole.
      rmSync(file, { force: true });
      throw new CommandFailure(`${file}: ${message}. Nothing was exported.`);
    }
    print(`${username} was exported to ${file}. The file contains chats: keep it safe.`);
  });
}

function explain(error: unknown): never {
  if (hasCode(error, 'last_superuser')) {
    throw new CommandFailure('This is the last superuser. Nothing was changed.');
  }
  if (hasCode(error, 'account_busy')) {
    throw new CommandFailure('A reply is still being generated for this user. Try again soon.');
  }
  throw error;
}

function setPassword(username: string): Promise<void> {
  return withChit(async (chit) => {
    const user = await userNamed(chit, username);
    const password = await promptNewPassword(chit.context, username);
    await setPasswordOf(chit.context, commandLine(), user.id, password);
    print(`The password of ${username} was changed. All tokens and API keys have ended.`);
  });
}

function asRow(user: User, tokens: number): Record<string, string | number> {
  return {
    id: user.id,
    username: user.username,
    tokens,
    state: user.isActive ? 'active' : 'disabled',
    role: user.isSuperuser ? 'superuser' : user.isStaff ? 'staff' : 'user',
    joined: new Date(user.joinedAtMs).toISOString(),
  };
}

function asJson(user: User, tokens: number): object {
  return {
    id: user.id,
    username: user.username,
    tokens,
    is_active: user.isActive,
    is_staff: user.isStaff,
    is_superuser: user.isSuperuser,
    date_joined: new Date(user.joinedAtMs).toISOString(),
  };
}
