/** When users were seen last, gathered in memory: a write for each request would cost too much. */
import type { Context } from './context.ts';

/** Who was seen since it was written down last. */
export class Sightings {
  #seen = new Map<number, number>();

  note(userId: number, atMs: number): void {
    this.#seen.set(userId, atMs);
  }

  /** Hands over what was gathered. */
  take(): ReadonlyMap<number, number> {
    const seen = this.#seen;
    this.#seen = new Map();
    return seen;
  }
}

/** Writes down who was seen. */
export async function keepSightings({ sightings, users }: Context): Promise<void> {
  await users.noteSeen(sightings.take());
}
