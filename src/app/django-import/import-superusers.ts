/** The superusers of a Django site. */
import type { DjangoSource, DjangoSuperuser } from '../../store/django-import/django-source.ts';
import type { Context } from '../context.ts';
import { newId, newUserId } from '../ids.ts';
import { auditEntry, type Principal } from '../principal.ts';
import {
  type Arrivals,
  changesOfName,
  faultOfName,
  importedHash,
  openImported,
  problemOfPassword,
} from './import-accounts.ts';
import type { ImportLog } from './import-log.ts';

/**
 * Brings over the superusers. Their ids are of another table, so they get new ones. Nobody who is
 * there is made one: a name says nothing of who has it.
 */
export async function importSuperusers(
  context: Context,
  principal: Principal,
  source: DjangoSource,
  log: ImportLog,
  options: { readonly isDryRun: boolean; readonly arrivals: Arrivals },
): Promise<void> {
  const owners = new Map<string, bigint>();
  for (const superuser of source.superusers()) {
    const username = superuser.username.trim();
    const fate = await fateOf(context, superuser, owners.get(username), options.arrivals);
    const isNew = fate === 'new' && !options.isDryRun;
    const refusal = isNew ? await open(context, principal, superuser) : undefined;
    const skipped = typeof fate === 'object' ? fate.reason : refusal;
    if (skipped !== undefined) {
      log.superusers.skipped += 1;
      log.tell('superusers', `Superuser "${username}" is skipped: ${skipped}.`);
      continue;
    }
    owners.set(username, superuser.id);
    log.superusers[fate === 'known' ? 'known' : 'imported'] += 1;
    if (fate === 'new') tellOf(superuser, log);
  }
}

/** What is to become of a superuser. */
type Fate = 'new' | 'known' | { readonly reason: string };

async function fateOf(
  context: Context,
  { username: asWritten, isActive }: DjangoSuperuser,
  owner: bigint | undefined,
  arrivals: Arrivals,
): Promise<Fate> {
  const username = asWritten.trim();
  const fault = faultOfName(username);
  if (fault !== undefined) return { reason: fault };
  if (owner !== undefined) return { reason: `superuser ${owner} has the same name` };
  const there = await context.users.byUsername(username);
  if (there?.isSuperuser) return 'known';
  if (!isActive) return { reason: 'it was disabled' };
  const taken = there ? 'somebody else has the name here' : undefined;
  const refusal = arrivals.refusalOf(username) ?? taken;
  return refusal === undefined ? 'new' : { reason: `${refusal}; ${wayOn(username)}` };
}

function wayOn(username: string): string {
  const isPlain = /^[\w@+.]+$/.test(username);
  const argument = isPlain ? username : `'${username.replaceAll("'", "'\\''")}'`;
  return `if that is the same person, run \`chit users make-superuser ${argument}\``;
}

function tellOf({ username: asWritten, password }: DjangoSuperuser, log: ImportLog): void {
  const username = asWritten.trim();
  for (const change of changesOfName(asWritten, username)) {
    log.tell('superusers', `Superuser "${username}": ${change}.`);
  }
  const problem = problemOfPassword(password);
  if (problem) log.tell('superusers', `Superuser "${username}" ${problem}.`);
}

/** Opens an account that may do everything, which is logged; returns why it cannot. */
async function open(
  context: Context,
  principal: Principal,
  { username, password }: DjangoSuperuser,
): Promise<string | undefined> {
  const id = newUserId();
  const flags = { isStaff: true, isSuperuser: true };
  const after = { is_staff: true, is_superuser: true, tokens: 0 };
  const reason = 'A superuser of the Django site';
  const deed = { action: 'user.create', target: `user:${id}`, reason, after } as const;
  return openImported(context, {
    id,
    openingTransferId: newId(),
    openingCredits: 0,
    user: { username: username.trim(), passwordHash: await importedHash(password), ...flags },
    audit: [auditEntry(context, principal, deed)],
  });
}
