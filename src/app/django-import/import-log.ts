/** What there is to report of an import. */

/** What was done, or would be. */
export interface ImportReport {
  readonly users: Counts;
  readonly superusers: Counts;
  readonly chats: Counts;
  /** Chats of users who are here, whose times are not as they were there. */
  readonly times: ChatTimes;
  /** What the users who were skipped had. */
  readonly tokensLeftBehind: bigint;
  /** One sentence for each thing that is not as it was there, users first. */
  problems(): string[];
}

/** How many. */
export interface Counts {
  imported: number;
  known: number;
  skipped: number;
}

/** How many chats have which stand-in for their time. */
export interface ChatTimes {
  /** Midnight, since only a date was there. */
  midnight: number;
  /** That of the chat before, since nothing was there that could be read. */
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

/** Of each kind, so that a million chats with one flaw do not hide what is said of users. */
const MOST_SENTENCES = 1_000;

/** Gathers what there is to report. */
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
    if (this.#sentences[of].length < MOST_SENTENCES) this.#sentences[of].push(problem);
    else this.#more[of] += 1;
  }

  /** A user does not come, and neither do the chats; these are counted as they are met. */
  skipUser(
    user: { readonly id: bigint; readonly name: string; readonly tokens: unknown },
    reason: string,
  ): void {
    const { id, name, tokens } = user;
    this.users.skipped += 1;
    if (typeof tokens === 'bigint' && tokens > 0n) this.tokensLeftBehind += tokens;
    this.#skipped.set(id, { name, reason, balance: String(tokens), chats: 0 });
  }

  /** Counts a chat that does not come; false if its user was not skipped, so that it is told. */
  skipChat(userId: unknown): boolean {
    this.chats.skipped += 1;
    const user = this.#skipped.get(userId);
    if (user) user.chats += 1;
    return user !== undefined;
  }

  /** Counts the rows that no page had, of so many that there are. */
  skipUnread(of: 'users' | 'chats', there: number): void {
    const { imported, known, skipped } = this[of];
    const unread = there - imported - known - skipped;
    if (unread <= 0) return;
    this[of].skipped += unread;
    this.tell(of, `Of ${of}, ${unread} are skipped: their ids are no whole numbers.`);
  }

  problems(): string[] {
    const skipped = [...this.#skipped].slice(0, MOST_SENTENCES).map(sentenceOf);
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
