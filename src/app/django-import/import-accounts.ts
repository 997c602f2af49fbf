/** What imports of users and of superusers of a Django site have in common. */
import { hashPassword, unmatchableHash } from '../../auth/passwords.ts';
import type { AuditEntry } from '../../core/audit-log.ts';
import { kindOfPassword } from '../../core/django.ts';
import type { NewUser } from '../../core/ledger.ts';
import type { Context } from '../context.ts';

const MAX_NAME_CHARACTERS = 50;

/** The users of the site who are here, imported now or before: they own their names and chats. */
export class ImportedUsers {
  readonly userIds = new Set<unknown>();
  readonly #owners = new Map<string, string>();

  /** @param owner for the report: `user 12` */
  add(username: string, owner: string): void {
    this.#owners.set(username, owner);
  }

  /** Why a username is not available; undefined if it is. */
  refusalOf(username: string): string | undefined {
    const owner = this.#owners.get(username);
    return owner && `${owner} has the same name`;
  }
}

/** Why a username is invalid; undefined if it is valid. */
export function faultOfName(username: string): string | undefined {
  const isValid =
    username !== '' && [...username].length <= MAX_NAME_CHARACTERS && !username.includes('\0');
  return isValid ? undefined : 'nobody could sign in by such a name';
}

/** How a username differs from the one at the site, as sentences. */
export function changesOfName(asWritten: string, username: string): string[] {
  return [
    ...(asWritten === username ? [] : [`the name "${asWritten}" is "${username}" here`]),
    ...(username.includes('\u{FFFD}') ? ['the name has characters that cannot be read'] : []),
  ];
}

/** What the owner will notice about an imported password; undefined if nothing. */
export function problemOfPassword(text: string): string | undefined {
  return kindOfPassword(text) === 'unusable'
    ? 'has no password that can be checked here, and chooses a new password by a link of the staff'
    : undefined;
}

let nobodysHash: Promise<string> | undefined;

/** Keeps a hash that can be verified; hashes a clear-text password, which is never copied. */
export async function importedHash(password: string): Promise<string> {
  switch (kindOfPassword(password)) {
    case 'checkable':
      return password;
    case 'clear':
      return hashPassword(password);
    case 'unusable':
      // One hash for all of them, since hashing takes time and no password matches it.
      nobodysHash ??= unmatchableHash();
      return nobodysHash;
  }
}

/** Opens an account; returns the reason if its name or id was taken meanwhile. */
export async function openImported(
  context: Context,
  account: {
    readonly id: number;
    readonly user: NewUser;
    readonly openingTransferId: string;
    readonly openingCredits: number;
    readonly audit?: readonly AuditEntry[];
  },
): Promise<string | undefined> {
  const result = await context.ledger.submitUntilKnown({
    kind: 'open',
    accountId: account.id,
    user: account.user,
    openingTransferId: account.openingTransferId,
    openingCredits: account.openingCredits,
    idempotency: undefined,
    audit: account.audit,
    atMs: context.now(),
  });
  if (result.outcome === 'opened') {
    await context.usernameClaims.claimImported(account.user.username, context.now());
    return undefined;
  }
  const what = result.outcome === 'username_taken' ? 'name' : 'id';
  return `somebody else took the ${what} here meanwhile`;
}
