/** About as long as an access token lasts. */
const CHECK_EVERY_MS = 15 * 60_000;
const MOST_KNOWN = 50_000;

/** When this server last looked users up in the directory. */
export class LdapChecks {
  readonly #checkedAtMs = new Map<number, number>();

  /** A user was found there. */
  note(userId: number, atMs: number): void {
    if (this.#checkedAtMs.size >= MOST_KNOWN) this.#checkedAtMs.clear();
    this.#checkedAtMs.set(userId, atMs);
  }

  /** Whether it is time to look again. */
  isDue(userId: number, nowMs: number): boolean {
    const checkedAtMs = this.#checkedAtMs.get(userId);
    return checkedAtMs === undefined || Math.abs(nowMs - checkedAtMs) >= CHECK_EVERY_MS;
  }
}
