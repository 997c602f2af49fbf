/** What users and superusers of a Django site have in common when they are brought over. */
import { hashPassword, unmatchableHash } from '../../auth/passwords.ts';
import type { AuditEntry } from '../../core/audit-log.ts';
import { kindOfPassword } from '../../core/django.ts';
import type { NewUser } from '../../core/ledger.ts';
import type { Context } from '../context.ts';

const MOST_NAME_CHARACTERS = 50;

/** Who of the site is here, brought over now or before: whose names are taken, whose chats come. */
export class Arrivals {
  readonly userIds = new Set<unknown>();
  readonly #owners = new Map<string, string>();

  /** @param who for the report: `user 12` */
  add(username: string, who: string): void {
    this.#owners.set(username, who);
  }

  /** Why nobody else of the site can have a name; undefined if it is free. */
  refusalOf(username: string): string | undefined {
    const owner = this.#owners.get(username);
    return owner && `${owner} has the same name`;
  }
}

/** Why a name cannot be one; undefined if it can. */
export function faultOfName(username: string): string | undefined {
  const isFit =
    username !== '' && [...username].length <= MOST_NAME_CHARACTERS && !username.includes('\0');
  return isFit ? undefined : 'nobody could sign in by such a name';
}

/** What is different about a name, in words; nothing if it is as it was. */
export function changesOfName(asWritten: string, username: string): string[] {
  return [
    ...(asWritten === username ? [] : [`the name "${asWritten}" is "${username}" here`]),
    ...(username.includes('\u{FFFD}') ? ['the name has characters that cannot be read'] : []),
  ];
}

/** What is wrong with a password, as far as its owner will notice; undefined if nothing is. */
export function problemOfPassword(text: string): string | undefined {
  return kindOfPassword(text) === 'unusable'
    ? 'has no password that can be checked here, and chooses a new password by a link of the staff'
    : undefined;
}

let nobodysHash: Promise<string> | undefined;

/** A hash that can be checked is kept; a password in clear text is hashed and never copied. */
export async function importedHash(password: string): Promise<string> {
  switch (kindOfPassword(password)) {
    case 'checkable':
      return password;
    case 'clear':
      return hashPassword(password);
    case 'unusable':
      // One for all of them: hashing takes time, and no password has it.
      nobodysHash ??= unmatchableHash();
      return nobodysHash;
  }
}

/** Opens an account; returns why it cannot be, if somebody was faster. */
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
  const { id: accountId, ...opening } = account;
  const atMs = context.now();
  const result = await context.ledger.submitUntilKnown({
    kind: 'open',
    accountId,
    ...opening,
    idempotency: undefined,
    atMs,
  });
  if (result.outcome === 'opened') return undefined;
  const what = result.outcome === 'username_taken' ? 'name' : 'id';
  return `somebody else took the ${what} here meanwhile`;
}
