/** The report of an import. */

/** What was imported, or would be. */
export interface ImportReport {
  readonly users: Counts;
  readonly superusers: Counts;
  readonly chats: Counts;
  /** Imported chats whose times differ from those at the site. */
  readonly times: ChatTimes;
  /** The balances of skipped users. */
  readonly tokensLeftBehind: bigint;
  /** One sentence for each difference from the site, users first. */
  problems(): string[];
}

/** Counts of one kind. */
export interface Counts {
  imported: number;
  known: number;
  skipped: number;
}

/** How many chats have a substitute for their time. */
export interface ChatTimes {
  /** Midnight, since the site had only a date. */
  midnight: number;
  /** The time of the chat before, since the site had no readable time. */
  borrowed: number;
}

interface SkippedUser {
  readonly name: string;
  readonly reason: string;
  readonly balance: string;
  chats: number;
}

type Kind = 'users' | 'superusers' | 'chats';
const KINDS: readonly Kind[] = ['users', 'superusers', 'chats'];

/** Per kind, so that a million chats with one problem do not hide problems of users. */
const MAX_SENTENCES = 1_000;

/** Collects the report. */
export class ImportLog implements ImportReport {
  readonly users: Counts = { imported: 0, known: 0, skipped: 0 };
  readonly superusers: Counts = { imported: 0, known: 0, skipped: 0 };
  readonly chats: Counts = { imported: 0, known: 0, skipped: 0 };
  readonly times: ChatTimes = { midnight: 0, borrowed: 0 };
  readonly #skipped = new Map<unknown, SkippedUser>();
  readonly #sentences: Record<Kind, string[]> = { users: [], superusers: [], chats: [] };
  readonly #more: Record<Kind, number> = { users: 0, superusers: 0, chats: 0 };
  tokensLeftBehind = 0n;

  tell(of: Kind, problem: string): void {
    if (this.#sentences[of].length < MAX_SENTENCES) this.#sentences[of].push(problem);
    else this.#more[of] += 1;
  }

  /** Skips a user with all chats, which are counted as they are found. */
  skipUser(
    user: { readonly id: bigint; readonly name: string; readonly tokens: unknown },
    reason: string,
  ): void {
    const { id, name, tokens } = user;
    this.users.skipped += 1;
    if (typeof tokens === 'bigint' && tokens > 0n) this.tokensLeftBehind += tokens;
    this.#skipped.set(id, { name, reason, balance: String(tokens), chats: 0 });
  }

  /** Counts a skipped chat. @returns whether that is because its user was skipped */
  skipChat(userId: unknown): boolean {
    this.chats.skipped += 1;
    const user = this.#skipped.get(userId);
    if (user) user.chats += 1;
    return user !== undefined;
  }

  /** Counts rows that were on no page, from the total of the table. */
  skipUnread(of: 'users' | 'chats', there: number): void {
    const { imported, known, skipped } = this[of];
    const unread = there - imported - known - skipped;
    if (unread <= 0) return;
    this[of].skipped += unread;
    this.tell(of, `Of ${of}, ${unread} are skipped: their ids are no whole numbers.`);
  }

  problems(): string[] {
    const skipped = [...this.#skipped].slice(0, MAX_SENTENCES).map(sentenceOf);
    const more = { ...this.#more };
    more.users += this.#skipped.size - skipped.length;
    return KINDS.flatMap((kind) => [
      ...(kind === 'users' ? skipped : []),
      ...this.#sentences[kind],
      ...(more[kind] > 0 ? [`… and ${more[kind]} more about ${kind}.`] : []),
    ]);
  }
}

function sentenceOf([id, { name, reason, balance, chats }]: [unknown, SkippedUser]): string {
  const left = `a balance of ${balance} and ${chats === 1 ? '1 chat' : `${chats} chats`}`;
  return `User ${id} ("${name}") is skipped: ${reason}. Left behind: ${left}.`;
}
