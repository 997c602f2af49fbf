/** Text that every database can keep: PostgreSQL takes neither U+0000 nor half of a pair. */
import type { AuditEntry } from './audit-log.ts';
import type { Command } from './ledger.ts';

const REPLACEMENT = '\u{FFFD}';

/** Whether a text has no U+0000 and no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** The text with U+FFFD in place of each character that cannot be stored. */
export function storableText(text: string): string {
  return isStorable(text) ? text : text.replaceAll('\0', REPLACEMENT).toWellFormed();
}

/** Makes text storable that comes in pieces; a pair that is cut between two is made whole. */
export class StorablePieces {
  /** The first half of a pair, whose other half may be in the next piece. */
  #half = '';

  /** What is certain of the text with this piece. */
  add(piece: string): string {
    if (piece === '') return '';
    const text = this.#half + piece;
    const last = text.charCodeAt(text.length - 1);
    this.#half = last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : '';
    return storableText(this.#half === '' ? text : text.slice(0, -1));
  }

  /** What is left of it at its end. */
  end(): string {
    const rest = storableText(this.#half);
    this.#half = '';
    return rest;
  }
}

/** The members of commands, and of their audit, that have words of people, models or providers. */
const WORDS = ['content', 'text', 'nonReplyOutput', 'reply', 'reason', 'target'] as const;

type Words = { readonly [Name in (typeof WORDS)[number]]?: string | undefined };

/**
 * The command with words that can be stored. A batch is one transaction, so a single text that the
 * database refuses would refuse the commands of everybody in it.
 */
export function storableCommand<C extends Command>(command: C): C {
  const cleaned = storableWords(command as Words) as C;
  const { audit } = command as { readonly audit?: readonly AuditEntry[] | undefined };
  return audit ? { ...cleaned, audit: audit.map(storableWords) } : cleaned;
}

/** As it is if nothing is wrong with it, which is nearly always. */
function storableWords<T extends Words>(holder: T): T {
  let cleaned = holder;
  for (const name of WORDS) {
    const text = holder[name];
    if (text === undefined || isStorable(text)) continue;
    cleaned = { ...cleaned, [name]: storableText(text) };
  }
  return cleaned;
}
