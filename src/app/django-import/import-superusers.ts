/** Imports the superusers of a Django site. */
import type { DjangoSource, DjangoSuperuser } from '../../store/django-import/django-source.ts';
import type { Context } from '../context.ts';
import { newId, newUserId } from '../ids.ts';
import { auditEntry, type Principal } from '../principal.ts';
import {
  changesOfName,
  faultOfName,
  type ImportedUsers,
  importedHash,
  openImported,
  problemOfPassword,
} from './import-accounts.ts';
import type { ImportLog } from './import-log.ts';

/**
 * Imports superusers. They get new ids, since theirs are of another table. No existing user is
 * promoted: a username does not prove who owns it.
 */
export async function importSuperusers(
  context: Context,
  principal: Principal,
  source: DjangoSource,
  log: ImportLog,
  options: { readonly isDryRun: boolean; readonly importedUsers: ImportedUsers },
): Promise<void> {
  const owners = new Map<string, bigint>();
  for (const superuser of source.superusers()) {
    const username = superuser.username.trim();
    const decision = await decide(context, superuser, owners.get(username), options.importedUsers);
    const isNew = decision === 'new' && !options.isDryRun;
    const refusal = isNew ? await open(context, principal, superuser) : undefined;
    const skipped = typeof decision === 'object' ? decision.reason : refusal;
    if (skipped !== undefined) {
      log.superusers.skipped += 1;
      log.tell('superusers', `Superuser "${username}" is skipped: ${skipped}.`);
      continue;
    }
    owners.set(username, superuser.id);
    log.superusers[decision === 'known' ? 'known' : 'imported'] += 1;
    if (decision === 'new') reportProblems(superuser, log);
  }
}

/** What to do with a superuser. */
type Decision = 'new' | 'known' | { readonly reason: string };

async function decide(
  context: Context,
  { username: asWritten, isActive }: DjangoSuperuser,
  owner: bigint | undefined,
  importedUsers: ImportedUsers,
): Promise<Decision> {
  const username = asWritten.trim();
  const fault = faultOfName(username);
  if (fault !== undefined) return { reason: fault };
  if (owner !== undefined) return { reason: `superuser ${owner} has the same name` };
  const there = await context.users.byUsername(username);
  if (there?.isSuperuser) return 'known';
  if (!isActive) return { reason: 'it was disabled' };
  const taken = there ? 'somebody else has the name here' : undefined;
  const refusal = importedUsers.refusalOf(username) ?? taken;
  return refusal === undefined ? 'new' : { reason: `${refusal}; ${promotionHint(username)}` };
}

function promotionHint(username: string): string {
  const isPlain = /^[\w@+.]+$/.test(username);
  const argument = isPlain ? username : `'${username.replaceAll("'", "'\\''")}'`;
  return `if that is the same person, run \`chit users make-superuser ${argument}\``;
}

function reportProblems({ username: asWritten, password }: DjangoSuperuser, log: ImportLog): void {
  const username = asWritten.trim();
  for (const change of changesOfName(asWritten, username)) {
    log.tell('superusers', `Superuser "${username}": ${change}.`);
  }
  const problem = problemOfPassword(password);
  if (problem) log.tell('superusers', `Superuser "${username}" ${problem}.`);
}

/** Opens the account of a superuser, which is logged; returns why it cannot. */
async function open(
  context: Context,
  principal: Principal,
  { username, password }: DjangoSuperuser,
): Promise<string | undefined> {
  const id = newUserId();
  return openImported(context, {
    id,
    openingTransferId: newId(),
    openingCredits: 0,
    user: {
      username: username.trim(),
      passwordHash: await importedHash(password),
      isStaff: true,
      isSuperuser: true,
    },
    audit: [
      auditEntry(principal, {
        action: 'user.create',
        target: `user:${id}`,
        reason: 'A superuser of the Django site',
        after: { is_staff: true, is_superuser: true, tokens: 0 },
      }),
    ],
  });
}
