import { ChitError } from '../../core/errors.ts';
import type { ApiKey } from '../../store/accounts/api-keys.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { hashOf } from './api-keys.ts';

/** A key is looked up again after this long, so that ending it takes effect within that. */
const FRESH_MS = 1_000;
const MAX_REMEMBERED = 10_000;
/** The time of last use is for people, who need no seconds. */
const NOTE_USE_EVERY_MS = 60_000;

interface Owner {
  readonly user: User;
  readonly key: ApiKey;
}

/** Turns API keys into users. */
export class KeyAuthenticator {
  readonly #context: Context;
  /** By hash: what is in memory shall be worth no more than what is on disk. */
  readonly #remembered = new Map<string, Owner & { readonly readAtMs: number }>();

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * The active user that a key speaks for, and what is kept of the key.
   * @throws ChitError `api_key_invalid`, `user_inactive`
   */
  async ownerOf(key: string): Promise<Owner> {
    const nowMs = this.#context.now();
    const hash = hashOf(key);
    const remembered = this.#remembered.get(hash);
    const isFresh = remembered && nowMs - remembered.readAtMs < FRESH_MS;
    const owner = isFresh ? remembered : await this.#read(hash, nowMs);
    if (owner.key.expiresAtMs !== undefined && owner.key.expiresAtMs <= nowMs) {
      throw new ChitError('api_key_invalid', undefined);
    }
    return owner;
  }

  async #read(hash: string, readAtMs: number): Promise<Owner> {
    this.#remembered.delete(hash);
    const { apiKeys, users } = this.#context;
    const key = await apiKeys.byHash(hash);
    const user = key && (await users.byId(key.userId));
    if (!user) throw new ChitError('api_key_invalid', undefined);
    if (!user.isActive) throw new ChitError('user_inactive', undefined);
    if (readAtMs - (key.lastUsedAtMs ?? 0) >= NOTE_USE_EVERY_MS) {
      await apiKeys.noteUse(key.id, readAtMs);
    }
    this.#context.lastSeen.note(user.id, readAtMs);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(hash, { user, key, readAtMs });
    return { user, key };
  }
}
