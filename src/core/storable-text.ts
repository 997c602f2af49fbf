/** Text that every database can store: PostgreSQL rejects U+0000 and lone surrogates. */
import type { AuditEntry } from './audit-log.ts';
import type { Command } from './ledger.ts';

const REPLACEMENT = '\u{FFFD}';

/** Whether a text has neither U+0000 nor lone surrogates. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** The text with U+FFFD in place of each character that cannot be stored. */
export function storableText(text: string): string {
  return isStorable(text) ? text : text.replaceAll('\0', REPLACEMENT).toWellFormed();
}

/** Makes text storable that comes in pieces, joining surrogate pairs that were split. */
export class StorablePieces {
  /** A high surrogate whose low surrogate may come with the next piece. */
  #half = '';

  /** The storable text that is complete with this piece. */
  add(piece: string): string {
    if (piece === '') return '';
    const text = this.#half + piece;
    const last = text.charCodeAt(text.length - 1);
    this.#half = last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : '';
    return storableText(this.#half === '' ? text : text.slice(0, -1));
  }

  /** The rest, once all pieces have come. */
  end(): string {
    const rest = storableText(this.#half);
    this.#half = '';
    return rest;
  }
}

type MembersOf<T> = T extends unknown ? keyof T : never;

/** Members of commands and audit entries with text that people, models or providers wrote. */
const TEXTS = [
  'content',
  'text',
  'nonReplyOutput',
  'reply',
  'reason',
  'target',
] as const satisfies readonly MembersOf<Command | AuditEntry>[];

type Texts = { readonly [Name in (typeof TEXTS)[number]]?: string | undefined };

/**
 * The command with text that can be stored. A batch is one transaction, so a single text that the
 * database rejects would fail the commands of everybody in it.
 */
export function storableCommand<C extends Command>(command: C): C {
  const cleaned = withStorableTexts(command as Texts) as C;
  const { audit } = command as { readonly audit?: readonly AuditEntry[] | undefined };
  return audit ? { ...cleaned, audit: audit.map(withStorableTexts) } : cleaned;
}

/** Returns the same object if all of its text is storable, as nearly always. */
function withStorableTexts<T extends Texts>(holder: T): T {
  let cleaned = holder;
  for (const name of TEXTS) {
    const text = holder[name];
    if (text === undefined || isStorable(text)) continue;
    cleaned = { ...cleaned, [name]: storableText(text) };
  }
  return cleaned;
}
